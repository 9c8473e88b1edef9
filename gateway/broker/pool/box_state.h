/* box_state.h - the states of a box, and the moves between them; box.h has the picture. Private to
 * box.c, but for the names. */
#ifndef MAYFLY_BOX_STATE_H
#define MAYFLY_BOX_STATE_H

#include "common/wire.h"

enum box_state {
    BOX_CREATING,
    BOX_ATTACHING,
    BOX_STARTING,
    BOX_READY,
    BOX_RUNNING,
    BOX_RESETTING,
    BOX_REMOVING,
    BOX_GONE,
};

const char *box_state_name(enum box_state state); /* "creating", … */

/* The one place that changes a box's state. False: the move is illegal, which is logged; the state
 * stays. */
struct box;
bool box_move(struct box *box, enum box_state state);
/* May init send this frame now, by its type and run. */
bool box_expects(const struct box *box, const struct frame *frame);

#endif
