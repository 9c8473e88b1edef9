/* The states of a box: their names, and the moves between them (the picture is in box.h). */
#include "broker/box.h"

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
