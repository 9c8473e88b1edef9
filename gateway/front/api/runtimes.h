/* runtimes.h - GET /api/v1/runtimes: the runtimes and their limits. */
#ifndef MAYFLY_RUNTIMES_H
#define MAYFLY_RUNTIMES_H

#include "front/api/call.h"

/* Answers 200 with the caller's runtimes, the default first. Values that the broker has not
 * reported yet are null or empty. */
void runtimes_handle(const struct call *call);

#endif
