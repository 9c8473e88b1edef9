/* accept.h - what a client takes: the lists in Accept and Accept-Encoding.
 *
 * Pure: text in, judgement out.
 */
#ifndef MAYFLY_ACCEPT_H
#define MAYFLY_ACCEPT_H

#include "common/buf.h"

/* Does the header's value list `item` by its own name, and not with a weight of 0? Wildcards do not
 * count: who must have something else than the default names it. Letters' case does not matter. */
bool accept_names(struct bytes value, const char *item);

#endif
