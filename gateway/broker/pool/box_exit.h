/* box_exit.h - how a box ends: the one exit for every reason, the post-mortem of a lost run, the
 * removal. Private to box.c (the life until then) and box_exit.c.
 */
#ifndef MAYFLY_BOX_EXIT_H
#define MAYFLY_BOX_EXIT_H

#include "broker/pool/box.h"

/* The one setter of a box's state (box_state.c). */
void box_move(struct box *box, enum box_state state);
/* The box leaves by itself; `left` tells the pool why. A stream that ended under a run gets a
 * post-mortem first. No-op for one that is on its way out. */
void box_give_up(struct box *box, const struct error *why);
void box_give_up_because(struct box *box, enum error_kind kind, const char *text);
/* After END or REFUSED: it is removed a little later, or when its stream ends. */
void box_rest(struct box *box);
/* Send the DELETE of a box that is REMOVING. */
void box_remove(struct box *box);

#endif
