/* probe.h - `mayfly health`: the gateway's own health check, for images that have no curl. */
#ifndef MAYFLY_PROBE_H
#define MAYFLY_PROBE_H

#include "common/config.h"

/* GET /health at config->listen (a wildcard address is asked at loopback) and print the
 * answer's body. Returns 0 for a 200, 1 otherwise. Each wait is at most 5 s. */
int probe_main(const struct config *config);

#endif
