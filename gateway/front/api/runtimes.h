/* runtimes.h - GET /api/v1/runtimes: what programs can be run in, and under which limits. */
#ifndef MAYFLY_RUNTIMES_H
#define MAYFLY_RUNTIMES_H

#include "front/api/call.h"

/* 200 with the caller's runtimes, the default first. What the broker has not told yet is null, or
 * empty. */
void runtimes_handle(const struct call *call);

#endif
