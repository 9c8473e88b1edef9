/* supervisor.h - `mayfly serve`: the broker and the front as two processes, and what ties their
 * lives together.
 *
 * Neither is restarted: when one dies, the other ends its work with clear errors and the whole
 * exits non-zero, so that whoever runs us (compose, systemd, Kubernetes) sees it.
 */
#ifndef MAYFLY_SUPERVISOR_H
#define MAYFLY_SUPERVISOR_H

#include "common/config.h"

/* Start both, the broker first, and wait. SIGTERM and SIGINT: the front drains and ends, then
 * the broker removes its boxes and ends; a second one ends the runs that the front waits for.
 * Returns the process's exit code: 0 after a stop that was asked for, 1 otherwise. */
int supervisor_main(const struct config *config);

#endif
