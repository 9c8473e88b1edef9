/* runtimes.h - GET /api/v1/runtimes: the runtimes and their limits. */
#ifndef MAYFLY_RUNTIMES_H
#define MAYFLY_RUNTIMES_H

#include "front/api/call.h"

/* Answers 200 with the caller's runtimes, the default first. Until the broker has reported a
 * runtime, its language and version are null, its packages are empty and its warm boxes are 0. */
void runtimes_handle(const struct call *call);

#endif
