/* broker.h - the broker process: the hands. Holds the engine's socket; speaks no HTTP to clients.
 *
 * Parts, each with a header of its own: loop, docker (over enginehttp; meter counts its calls),
 * engine, pool (plan, room, shelf, stock, run, box, spec; tally counts its runs; remedy knows what
 * helps), reaper, canary, peer (one per front, over an outlet), door.
 *
 * What it holds at most, beside some 24 MiB: max_waiting_bytes; for each front a request that comes
 * in; and for each box, of each front that does not read, 1 MiB and the largest frame of a run
 * (output_file_bytes or displays_bytes).
 */
#ifndef MAYFLY_BROKER_H
#define MAYFLY_BROKER_H

#include "common/config.h"

/* Be the broker until told to stop; returns the process's exit code: 0 after SIGTERM, 1 when it
 * could not start or, with a link_fd, when the front was lost.
 *
 * link_fd: the broker's end of a socket pair whose other end is the front's, taken; or -1:
 * listen on config->wire_socket for any number of fronts. SIGTERM drains: no new runs, those
 * that wait or run go on, then every box is removed. Lends config for ever. Once per process. */
int broker_main(const struct config *config, int link_fd);

#endif
