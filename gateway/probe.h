/* probe.h - `mayfly health`: the gateway's own health checks, for images that have no curl. */
#ifndef MAYFLY_PROBE_H
#define MAYFLY_PROBE_H

#include "common/config.h"

/* Without options: GET /health at config->listen (a wildcard address is asked at loopback) and
 * print the answer's body. Returns 0 for a 200, 1 otherwise.
 *
 * With "--broker": connect to config->wire_socket, as a front does, and print what the broker says
 * there. Returns 0 when it says anything, 1 otherwise: a broker that waits for its engine is alive.
 *
 * With "--ready": the same, but 0 only when it says that a run would work.
 *
 * With "--container": as "--broker" where this container's first process is a broker, else as
 * without options.
 *
 * Each wait is at most 5 s. There is one option at most, and no other. */
int probe_main(const struct config *config, char **options);

#endif
