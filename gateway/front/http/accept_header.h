/* accept_header.h - evaluates the headers Accept and Accept-Encoding.
 *
 * Pure.
 */
#ifndef MAYFLY_ACCEPT_HEADER_H
#define MAYFLY_ACCEPT_HEADER_H

#include "common/buf.h"

/* Returns true if the header names `item` itself, with a weight other than 0. Wildcards do not
 * count: a client that wants something other than the default must name it. The case of letters
 * does not matter.
 */
bool accept_header_names(struct bytes value, const char *item);

/* Returns true if this Accept header prefers text/event-stream to JSON. The header must name
 * text/event-stream with a weight above 0. If it names JSON or all application types too, the
 * weight must be higher than theirs. If only the wildcard for all types covers JSON, an equal
 * weight is enough. Elements with a malformed weight are ignored. */
bool accept_header_prefers_events(struct bytes accept);

#endif
