/* The states of a box: their names, and the moves between them (the picture is in box.h). */
#include "broker/pool/box_exit.h"

#include "common/log.h"

const char *box_state_name(enum box_state state)
{
    static const char *const names[] = {"creating", "attaching", "starting", "ready",
                                        "running",  "removing",  "gone"};
    return names[state];
}

bool box_may_move(enum box_state from, enum box_state to)
{
    return to == BOX_REMOVING ? from < BOX_REMOVING : to == from + 1;
}

void box_move(struct box *box, enum box_state state)
{
    if (!box_may_move(box->state, state)) {
        log_event(LOG_ERROR, "box_move_illegal", LOG_STR("box", box->name),
                  LOG_STR("from", box_state_name(box->state)), LOG_STR("to", box_state_name(state)),
                  LOG_END);
        return;
    }
    log_event(LOG_DEBUG, "box_moved", LOG_STR("box", box->name),
              LOG_STR("from", box_state_name(box->state)), LOG_STR("to", box_state_name(state)),
              LOG_END);
    box->state = state;
}
