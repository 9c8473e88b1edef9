/* broker.h - the broker process: the hands. Holds the engine's socket; speaks no HTTP to clients.
 *
 * Rooms, each of which includes only those below it:
 *
 *   selftest/  the canary, and `mayfly check`
 *   pool/      runs and boxes: admission, queue (order, room), stock (plan, box), tally
 *   engine/    what the engine is (engine, facts, vendor), calls and streams (docker over
 *              enginehttp and attach), what a box is made of (spec, seccomp)
 *   loop/      libcurl's multi handle, descriptors and timers in one poll
 *
 * Here are the process, its fronts (front_socket; peer, one for each, over an outlet), the reaper,
 * the catalog of runtimes, and the rights that the process keeps.
 *
 * What it holds at most, beside some 24 MiB: max_waiting_bytes; for each front a request that comes
 * in; and for each box, of each front that does not read, 1 MiB and the largest frame of a run
 * (output_file_bytes or displays_bytes).
 */
#ifndef MAYFLY_BROKER_H
#define MAYFLY_BROKER_H

#include "common/config.h"

/* Be the broker until it is to stop; returns the process's exit code: 0 after SIGTERM, 1 when it
 * could not start or, with a link_fd, when the front was lost.
 *
 * link_fd: the broker's end of a socket pair whose other end is the front's, taken; or -1:
 * listen on config->wire_socket for any number of fronts. SIGTERM drains: no new runs, those
 * that wait or run still finish, then every box is removed. Borrows config for the life of the
 * process. Once per process. */
int broker_main(const struct config *config, int link_fd);

#endif
