/* accept_header.h - reads the lists in Accept and Accept-Encoding.
 *
 * Pure: text in, judgement out.
 */
#ifndef MAYFLY_ACCEPT_HEADER_H
#define MAYFLY_ACCEPT_HEADER_H

#include "common/buf.h"

/* Does the header's value list `item` by its own name, and not with a weight of 0? Wildcards do not
 * count: a client that needs anything but the default must name it. The case of letters does not
 * matter.
 */
bool accept_header_names(struct bytes value, const char *item);

/* Does this Accept header ask for text/event-stream rather than for JSON? It must name
 * text/event-stream, with a quality above 0. That quality must be above JSON's if the header lists
 * JSON or all application types, and no less than JSON's if only the wildcard for all types covers
 * JSON. An element with a malformed quality is ignored. */
bool accept_header_prefers_events(struct bytes accept);

#endif
