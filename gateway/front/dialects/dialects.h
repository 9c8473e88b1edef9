/* dialects.h - the routes of all dialects. A dialect lets clients of another protocol run programs.
 *
 * It consists of routes, a decoder of its documents (request_reader.h), and its own texts and
 * formats for answers. It has no policy of its own: keys, limits, the reading of bodies, and
 * executions are those of front/api.
 */
#ifndef MAYFLY_DIALECTS_H
#define MAYFLY_DIALECTS_H

#include "front/api/route.h"

/* For service->dialects. Static; the last route has no pattern. */
extern const struct route dialects_routes[];

#endif
