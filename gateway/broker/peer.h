/* peer.h - one front at the other end of the wire: its runs come in, their frames go out.
 *
 * A front is not trusted: a malformed frame ends the connection, and with it every run that it
 * sent. A front that does not read loses nothing: its runs pause, each once a bounded number
 * of its bytes waits, no further one is given a box, and of the state only the newest is kept. A
 * run's job goes into its box after PAIRED was written to the socket, where it survives us.
 * Knows neither boxes nor the engine.
 */
#ifndef MAYFLY_PEER_H
#define MAYFLY_PEER_H

#include "broker/pool/pool.h"
#include "common/runtime.h"

struct peer;

/* Takes fd (non-blocking from here on), borrows the rest. on_lost is called once, when the
 * connection has ended; the peer is then to be freed at the safe point. Returns NULL on failure,
 * with fd closed. */
struct peer *peer_new(struct loop *loop, struct pool *pool, int fd,
                      void (*on_lost)(void *arg, struct peer *), void *arg, struct error *err);
/* Cancels its runs. */
void peer_free(struct peer *peer);

/* Send the state. */
void peer_tell(struct peer *peer, const struct status *status, const struct runtimes *runtimes);
/* Write what waits. Once a turn, so that one write carries all frames of a turn. */
void peer_flush(struct peer *peer);
/* Everything that was said has been written. */
bool peer_is_flushed(const struct peer *peer);

#endif
