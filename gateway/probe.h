/* probe.h - `mayfly health`: health checks of a gateway, for images without curl. */
#ifndef MAYFLY_PROBE_H
#define MAYFLY_PROBE_H

#include "common/config.h"

/* Without options: GET /health at config->listen (loopback, for a wildcard address) and print the
 * response's body. Returns 0 for a 200, 1 otherwise.
 *
 * "--broker": connect to config->wire_socket like a front, and print the broker's status. Returns 0
 * when it reports any, 1 otherwise: a broker that waits for its engine is alive.
 *
 * "--ready": like --broker, but returns 0 only when a run would work.
 *
 * "--container": like --broker if this container's first process is a broker, otherwise as without
 * options.
 *
 * Each wait takes at most 5 s. At most one of these options may be given.
 */
int probe_main(const struct config *config, char **options);

#endif
