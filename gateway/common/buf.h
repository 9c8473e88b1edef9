/* buf.h - bytes: a borrowed view, and a growing buffer with a hard cap given at birth.
 *
 * A buffer never grows past max_bytes: an append that would is refused whole and changes nothing.
 * Consuming from the front is cheap (an offset moves; the bytes are moved only when room is
 * needed).
 */
#ifndef MAYFLY_BUF_H
#define MAYFLY_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view: lent bytes, valid as long as their owner says. `data` may be NULL when len is 0. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

/* Zero-initialised with only max_bytes set is a valid empty buffer. Read `data + start`, `len`
 * bytes. */
struct buf {
    uint8_t *data;
    size_t start;
    size_t len;
    size_t capacity;
    size_t max_bytes;
};

struct bytes bytes_of(const void *data, size_t len);
struct bytes bytes_of_string(const char *string); /* without the NUL */
bool bytes_equal_string(struct bytes bytes, const char *string);
/* Copy as much as fits, and a NUL. */
void bytes_copy_cut(char *to, size_t size, struct bytes bytes);
/* The same, but of bytes that do not fit the middle is left out: " ... " stands for it. */
void bytes_copy_ends(char *to, size_t size, struct bytes bytes);

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf); /* frees the bytes; buf is empty and usable again, same cap */

/* The content as a view, lent until the next call that changes buf. */
struct bytes buf_bytes(const struct buf *buf);

/* Append. False, and nothing changed, when the cap or memory forbids. */
bool buf_append(struct buf *buf, const void *data, size_t len);
bool buf_append_string(struct buf *buf, const char *string);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `len` more bytes at the end: returns where to write, NULL when the cap or memory
 * forbids. buf_commit then says how many of them were written. */
uint8_t *buf_reserve(struct buf *buf, size_t len);
void buf_commit(struct buf *buf, size_t len);

/* Drop the first `len` bytes (all when fewer). */
void buf_consume(struct buf *buf, size_t len);
/* Cut to the first `len` bytes (no change when fewer). */
void buf_truncate(struct buf *buf, size_t len);

/* Read once from fd (non-blocking or not) into buf, at most `limit` bytes. Returns what read(2)
 * returned, errno kept; -1 with ENOBUFS when buf has no room. */
long buf_read_fd(struct buf *buf, int fd, size_t limit);
/* Read fd, which blocks, to its end. False with errno; ENOBUFS when buf was full before the end was
 * seen: a cap of one byte more than is allowed tells a text that just fits from one too long. */
bool buf_read_all(struct buf *buf, int fd);
/* Write once to fd what buf holds, and consume what was taken. MSG_NOSIGNAL semantics are the
 * caller's (SIGPIPE is ignored in every role). Returns what write(2) returned, errno kept; 0 when
 * buf is empty. */
long buf_write_fd(struct buf *buf, int fd);

/* Move ownership of the bytes out: *from becomes empty with the same cap. */
struct buf buf_take(struct buf *from);
/* Move the first `len` bytes out into *head, whose storage and cap are no larger than that. The
 * larger part keeps its storage, so that large bytes are held once. False, and nothing changed,
 * when memory forbids. */
bool buf_split(struct buf *buf, size_t len, struct buf *head);
/* Give back storage that the bytes do not need. */
void buf_trim(struct buf *buf);

#endif
