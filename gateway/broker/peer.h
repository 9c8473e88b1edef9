/* peer.h - one front, as the broker sees it: it sends runs and gets their frames.
 *
 * A front is not trusted. A malformed frame ends the connection, and with it all runs of this
 * front. If a front does not read, no frame is lost: each of its runs pauses when a limited number
 * of bytes waits, and no further run of this front gets a box. Of the broker's states, only the
 * newest waits to be sent. A run's job goes into its box only after PAIRED was written to the
 * socket, so that PAIRED reaches the front even if this process dies. A front may send orders for
 * any session, whichever front opened it, and gets the notices of all sessions (news.h). Knows
 * neither boxes nor the engine.
 */
#ifndef MAYFLY_PEER_H
#define MAYFLY_PEER_H

#include "broker/pool/pool.h"
#include "common/runtime.h"

struct peer;

/* Takes fd, which becomes non-blocking; borrows the rest. on_lost is called once, when the
 * connection has ended; then free the peer at the safe point. Returns NULL on failure, with fd
 * closed. */
struct peer *peer_new(struct loop *loop, struct pool *pool, int fd,
                      void (*on_lost)(void *arg, struct peer *), void *arg, struct error *err);
/* Free the peer and cancel its runs. */
void peer_free(struct peer *peer);

/* Send the broker's state. */
void peer_tell(struct peer *peer, const struct status *status, const struct runtimes *runtimes);
/* Write waiting frames. Call it once in each turn, so that one write carries all frames of the
 * turn. */
void peer_flush(struct peer *peer);
/* Returns true if everything was written. */
bool peer_is_flushed(const struct peer *peer);

#endif
