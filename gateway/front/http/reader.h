/* reader.h - the client of an answer, as it reads: how long bytes may wait for it, and its end.
 *
 * Bytes wait from reader_await to reader_end_wait. A client that lets them wait too long
 * (patience.h) is cut off. Knows sockets, but not h2o.
 */
#ifndef MAYFLY_READER_H
#define MAYFLY_READER_H

#include "front/http/patience.h"
#include "front/reactor.h"

/* Zero-initialised is valid: nothing waits. */
struct reader {
    struct reactor *reactor;
    int fd;
    uint64_t acked_before_bytes; /* by the client, of earlier answers on its connection */
    bool has_waited;
    struct patience patience;
    struct timer deadline;
    void (*on_cut)(void *arg);
    void *arg;
};

/* Begin with an answer on this connection. Lends reactor and fd until reader_end_wait. on_cut is
 * called when the client has been cut off for its slowness, at most once a wait. */
void reader_begin(struct reader *reader, struct reactor *reactor, int fd, uint64_t timeout_ms,
                  void (*on_cut)(void *arg), void *arg);

/* Bytes wait for the client from now on; or they are with the kernel, or the client has gone. */
void reader_await(struct reader *reader);
void reader_end_wait(struct reader *reader);

/* Returns how long the client, a slow one, has let bytes wait; 0: it is not slow. */
uint64_t reader_slow_ms(const struct reader *reader);

/* Cut the client of a connection off: the next write to it fails, and the close is a reset, so that
 * the kernel keeps nothing either. */
void reader_cut(int fd);

#endif
