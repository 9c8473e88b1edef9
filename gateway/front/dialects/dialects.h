/* dialects.h - the adapters of this room: each lets the clients of another protocol run programs.
 *
 * An adapter is a row of routes, a decoder of its documents (request.h), and the words and the form
 * of its answers. It has no policy of its own: keys, limits, the reading of bodies, and executions
 * are those of front/api.
 */
#ifndef MAYFLY_DIALECTS_H
#define MAYFLY_DIALECTS_H

#include "front/api/route.h"

/* For service->dialects. Static; the last route has no pattern. */
extern const struct route dialects_routes[];

#endif
