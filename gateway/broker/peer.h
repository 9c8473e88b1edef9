/* peer.h - one front, at the other end of the wire: it sends runs, and gets their frames.
 *
 * A front is not trusted: a malformed frame ends the connection, and with it every run that the
 * front sent. A front that does not read loses nothing. Each of its runs pauses once a bounded
 * number of its bytes waits, no further run gets a box, and only the newest state is kept. The job
 * of a run goes into its box after PAIRED was written to the socket. So PAIRED reaches the front
 * even if this process dies. A front may also order what becomes of a session, whichever front
 * opened it, and hears of all of them (news.h). Knows neither boxes nor the engine.
 */
#ifndef MAYFLY_PEER_H
#define MAYFLY_PEER_H

#include "broker/pool/pool.h"
#include "common/runtime.h"

struct peer;

/* Takes fd (non-blocking from here on), borrows the rest. on_lost is called once, when the
 * connection has ended. Free the peer then, at the safe point. Returns NULL on failure, with fd
 * closed. */
struct peer *peer_new(struct loop *loop, struct pool *pool, int fd,
                      void (*on_lost)(void *arg, struct peer *), void *arg, struct error *err);
/* Free the peer and cancel its runs. */
void peer_free(struct peer *peer);

/* Send the state. */
void peer_tell(struct peer *peer, const struct status *status, const struct runtimes *runtimes);
/* Write the waiting frames. Call it once in each turn, so that one write carries all frames of the
 * turn. */
void peer_flush(struct peer *peer);
/* Has everything been written? */
bool peer_is_flushed(const struct peer *peer);

#endif
