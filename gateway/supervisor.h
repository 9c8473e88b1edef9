/* supervisor.h - `mayfly serve`: runs broker and front as two processes that end together.
 *
 * Neither is restarted. If one dies, the other ends its runs with an error and exits. Then this
 * process exits with an error, so that the supervisor of the whole service (compose, systemd,
 * Kubernetes) notices.
 */
#ifndef MAYFLY_SUPERVISOR_H
#define MAYFLY_SUPERVISOR_H

#include "common/config.h"

/* Start both processes, the broker first, and wait. After SIGTERM or SIGINT, the front drains and
 * ends; then the broker removes its boxes and ends. A second signal ends all runs that have not
 * finished. Returns the exit code: 0 after a requested stop, else 1. */
int supervisor_main(const struct config *config);

#endif
