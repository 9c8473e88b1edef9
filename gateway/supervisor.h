/* supervisor.h - `mayfly serve`: runs the broker and the front as two processes that end together.
 *
 * Neither is restarted. When one dies, the other ends its work with clear errors. This process then
 * exits non-zero, so that its own supervisor (compose, systemd, Kubernetes) notices.
 */
#ifndef MAYFLY_SUPERVISOR_H
#define MAYFLY_SUPERVISOR_H

#include "common/config.h"

/* Start both, the broker first, and wait. On SIGTERM or SIGINT the front drains and ends; then the
 * broker removes its boxes and ends. A second signal ends the runs that the front waits for.
 * Returns the process's exit code: 0 after a requested stop, 1 otherwise. */
int supervisor_main(const struct config *config);

#endif
