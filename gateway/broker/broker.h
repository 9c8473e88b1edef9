/* broker.h - the broker process: the hands. Holds the engine's socket; speaks no HTTP to clients.
 *
 * Parts, each with a header of its own: loop, docker (over enginehttp; meter counts its calls),
 * engine, pool (plan, shelf, stock, run, box, spec; tally counts its runs), reaper, canary, peer
 * (one per front), door.
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
