/* accept_header.h - the lists of what a client takes, in Accept and Accept-Encoding.
 *
 * Pure: text in, judgement out.
 */
#ifndef MAYFLY_ACCEPT_HEADER_H
#define MAYFLY_ACCEPT_HEADER_H

#include "common/buf.h"

/* Does the header's value list `item` by its own name, and not with a weight of 0? Wildcards do not
 * count: a client that needs anything but the default must name it. Letters' case does not matter.
 */
bool accept_header_names(struct bytes value, const char *item);

/* Does this Accept header ask for text/event-stream rather than for JSON? It must name it, with a
 * quality that is above 0 and no less than JSON's; above JSON's where JSON is named too, not only
 * meant by a wildcard. An element with a malformed quality is passed over. */
bool accept_header_prefers_events(struct bytes accept);

#endif
