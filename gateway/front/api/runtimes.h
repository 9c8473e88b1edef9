/* runtimes.h - GET /api/v1/runtimes: the runtimes and their limits. */
#ifndef MAYFLY_RUNTIMES_H
#define MAYFLY_RUNTIMES_H

#include "common/json.h"
#include "front/api/call.h"

/* Answers 200 with the runtimes that the caller may use, the default first. Until the broker has
 * reported about a runtime, its language and version are null, and it has no packages and no ready
 * boxes. */
void runtimes_handle(const struct call *call);

/* Returns what the broker has reported about the runtimes; valid for this turn. */
const struct runtimes *runtimes_told(const struct call *call);
/* Write the JSON object of that answer, from these settings and from the report of the broker. */
void runtimes_put(struct json_out *json, const struct config *config, const struct runtimes *told);

#endif
