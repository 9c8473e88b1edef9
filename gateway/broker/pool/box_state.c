#include "broker/pool/box_state.h"

#include "broker/pool/box.h"
#include "common/fault.h"
#include "common/log.h"

const char *box_state_name(enum box_state state)
{
    static const char *const names[] = {"creating", "attaching", "starting", "ready",
                                        "running",  "removing",  "gone"};
    return names[state];
}

static bool may_move(enum box_state from, enum box_state to)
{
    return to == BOX_REMOVING ? from < BOX_REMOVING : to == from + 1;
}

bool box_move(struct box *box, enum box_state state)
{
    bool is_legal = may_move(box->state, state);
    log_event(is_legal ? LOG_DEBUG : LOG_ERROR, is_legal ? "box_moved" : "box_move_illegal",
              LOG_STR("box", box->name), LOG_STR("from", box_state_name(box->state)),
              LOG_STR("to", box_state_name(state)), LOG_END);
    if (is_legal)
        box->state = state;
    else
        fault_found();
    return is_legal;
}
