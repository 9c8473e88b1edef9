/* broker.h - the broker process. It holds the engine's socket, and speaks no HTTP to clients.
 *
 * Rooms, each of which includes only those below it:
 *
 *   selftest/  the canary, and `mayfly check`
 *   pool/      runs, boxes and sessions: admission, queue (order, room), stock (plan, box),
 *              roster, lessor (lease), tally
 *   engine/    the engine (engine, facts, vendor), its calls and streams (docker, over
 *              enginehttp and attach), and the create JSON of a box (spec, seccomp)
 *   loop/      libcurl's multi handle, descriptors and timers in one poll
 *
 * This folder itself has the process, the connections to fronts (front_socket; for each front a
 * peer, with outlet and news), the reaper, the catalog of runtimes, and the dropping of
 * capabilities.
 *
 * The broker's memory is limited to the sum of: about 24 MiB; max_waiting_bytes; one incoming
 * request and 4 MiB of notices for each front; 64 KiB for each session; and, for each box whose
 * front does not read, 1 MiB plus the largest frame of a run (output_file_bytes or displays_bytes).
 */
#ifndef MAYFLY_BROKER_H
#define MAYFLY_BROKER_H

#include "common/config.h"

/* Run the broker until it is stopped. Returns the exit code of the process: 0 after SIGTERM; 1 if
 * the broker could not start or, with a link_fd, lost the front.
 *
 * link_fd is the broker's end of a socket pair to the front; it is taken. -1: listen on
 * config->wire_socket for any number of fronts. After SIGTERM, no further run is admitted. The
 * broker lets the admitted runs finish, then removes every box. Borrows config for the life of the
 * process. Call it once. */
int broker_main(const struct config *config, int link_fd);

#endif
