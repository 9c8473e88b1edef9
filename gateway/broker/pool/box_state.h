/* box_state.h - the states of a box, and the moves between them; box.h has the picture. Other files
 * than box.c use only the states and box_state_name. */
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

/* Change the state; no other function does. When the move is illegal, logs it, changes nothing and
 * returns false. */
struct box;
bool box_move(struct box *box, enum box_state state);
/* Returns true if init may send a frame of this type for this run now. */
bool box_expects(const struct box *box, const struct frame *frame);

#endif
