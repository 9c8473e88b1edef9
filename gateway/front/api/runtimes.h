/* runtimes.h - GET /api/v1/runtimes: the runtimes and their limits. */
#ifndef MAYFLY_RUNTIMES_H
#define MAYFLY_RUNTIMES_H

#include "common/json.h"
#include "front/api/call.h"

/* Answers 200 with the caller's runtimes, the default first. Until the broker has reported a
 * runtime, its language and version are null, its packages are empty and its warm boxes are 0. */
void runtimes_handle(const struct call *call);

/* Returns what the broker has told of the runtimes, valid for this turn. */
const struct runtimes *runtimes_told(const struct call *call);
/* Put the same object: the runtimes and limits of these settings, and what the broker has told. */
void runtimes_put(struct json_out *json, const struct config *config, const struct runtimes *told);

#endif
