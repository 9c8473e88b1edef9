/* reader.h - the client as the reader of an answer: cuts it off if it reads too slowly.
 *
 * Bytes wait for the client between reader_await and reader_end_wait. patience.h decides how long
 * they may wait. Knows sockets, but not h2o.
 */
#ifndef MAYFLY_READER_H
#define MAYFLY_READER_H

#include "front/http/patience.h"
#include "front/reactor.h"

/* A zeroed reader is idle. */
struct reader {
    struct reactor *reactor;
    int fd;
    uint64_t acked_before_bytes; /* bytes of earlier answers that the client has acknowledged */
    bool has_waited;
    struct patience patience;
    struct timer deadline;
    void (*on_cut)(void *arg);
    void *arg;
};

/* Begin an answer on this connection. Borrows reactor and fd until reader_end_wait. on_cut is
 * called if the client was cut off for reading too slowly, at most once in each wait. */
void reader_begin(struct reader *reader, struct reactor *reactor, int fd, uint64_t timeout_ms,
                  void (*on_cut)(void *arg), void *arg);

/* Call these when bytes begin to wait for the client, and when the kernel has taken them or the
 * client has gone. */
void reader_await(struct reader *reader);
void reader_end_wait(struct reader *reader);

/* Returns for how many ms a slow client has let bytes wait; 0 if it is not slow. */
uint64_t reader_slow_ms(const struct reader *reader);

/* Cut off a client: the next write to its connection fails, and closing sends a reset, so that the
 * kernel frees its buffers at once. */
void reader_cut(int fd);

#endif
