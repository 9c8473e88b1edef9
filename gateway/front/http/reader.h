/* reader.h - the client that reads an answer: cuts it off when it lets bytes wait too long.
 *
 * Bytes wait from reader_await to reader_end_wait. A client that lets them wait too long
 * (patience.h) is cut off. Knows sockets, but not h2o.
 */
#ifndef MAYFLY_READER_H
#define MAYFLY_READER_H

#include "front/http/patience.h"
#include "front/reactor.h"

/* In a zeroed reader, nothing waits. */
struct reader {
    struct reactor *reactor;
    int fd;
    uint64_t acked_before_bytes; /* acknowledged, of earlier answers on its connection */
    bool has_waited;
    struct patience patience;
    struct timer deadline;
    void (*on_cut)(void *arg);
    void *arg;
};

/* Begin with an answer on this connection. Borrows reactor and fd until reader_end_wait. on_cut is
 * called when the client was cut off because it reads too slowly, at most once in each wait. */
void reader_begin(struct reader *reader, struct reactor *reactor, int fd, uint64_t timeout_ms,
                  void (*on_cut)(void *arg), void *arg);

/* Call reader_await when bytes begin to wait for the client, and reader_end_wait when the kernel
 * has them or the client has gone. */
void reader_await(struct reader *reader);
void reader_end_wait(struct reader *reader);

/* Returns for how long a slow client has let bytes wait; 0 if it is not slow. */
uint64_t reader_slow_ms(const struct reader *reader);

/* Cut off the client of a connection: the next write to it fails, and the close is a reset, so that
 * the kernel frees its buffer too. */
void reader_cut(int fd);

#endif
