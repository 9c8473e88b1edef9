#include "broker/pool/box_state.h"

#include "broker/pool/box.h"
#include "common/fault.h"
#include "common/log.h"

const char *box_state_name(enum box_state state)
{
    static const char *const names[] = {"creating", "attaching", "starting", "ready",
                                        "running",  "resetting", "removing", "gone"};
    return names[state];
}

static bool may_move(enum box_state from, enum box_state to)
{
    if (to == BOX_REMOVING)
        return from < BOX_REMOVING;
    return to == from + 1 || (from == BOX_RESETTING && to == BOX_READY);
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

/* Before STARTED, no other frame of the run may come. After END, no frame at all may come. */
bool box_expects(const struct box *box, const struct frame *frame)
{
    bool is_of_run = box->state == BOX_RUNNING && frame->run_id == box->run_id;
    switch (frame->type) {
    case WIRE_READY:
        return (box->state == BOX_STARTING || box->state == BOX_RESETTING) && frame->run_id == 0;
    case WIRE_GONE:
        return box->state == BOX_RESETTING && frame->run_id == 0;
    case WIRE_STARTED:
    case WIRE_REFUSED:
        return is_of_run && !box->run_started;
    case WIRE_OUTPUT:
    case WIRE_FILE:
    case WIRE_DISPLAY:
    case WIRE_END:
        return is_of_run && box->run_started;
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_RUNTIMES:
    case WIRE_SESSION:
        break;
    }
    return false;
}
