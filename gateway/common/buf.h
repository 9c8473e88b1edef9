/* buf.h - bytes: a borrowed view, and a growing buffer with a hard cap given at birth.
 *
 * A buffer never grows past max_bytes. An append that would exceed the cap is refused as a whole
 * and changes nothing. Consuming from the front is cheap: an offset moves. The bytes are moved only
 * when space is needed.
 */
#ifndef MAYFLY_BUF_H
#define MAYFLY_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of borrowed bytes; their owner says how long they are valid. `data` may be NULL when len
 * is 0. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

/* A zeroed struct with only max_bytes set is a valid empty buffer. The content is the `len` bytes
 * at `data + start`. */
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
/* Copy as many bytes as fit, and a NUL. */
void bytes_copy_cut(char *to, size_t size, struct bytes bytes);
/* Copy like bytes_copy_cut. When the bytes do not fit, " ... " replaces their middle. */
void bytes_copy_ends(char *to, size_t size, struct bytes bytes);

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf); /* frees the bytes; buf is then empty, with the same cap */

/* Returns the content as a view, valid until the next call that changes buf. */
struct bytes buf_bytes(const struct buf *buf);

/* Append. Returns false, with nothing changed, when the cap or memory forbids it. */
bool buf_append(struct buf *buf, const void *data, size_t len);
bool buf_append_string(struct buf *buf, const char *string);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Make space for `len` more bytes at the end. Returns the place to write to, or NULL when the cap
 * or memory forbids it. Report with buf_commit how many bytes were written. */
uint8_t *buf_reserve(struct buf *buf, size_t len);
void buf_commit(struct buf *buf, size_t len);

/* Drop the first `len` bytes, or all when there are fewer. */
void buf_consume(struct buf *buf, size_t len);
/* Keep only the first `len` bytes. No-op when there are fewer. */
void buf_truncate(struct buf *buf, size_t len);

/* Read once from fd (blocking or not) into buf, at most `limit` bytes. Returns the result of
 * read(2), with its errno; -1 with ENOBUFS when buf is full. */
long buf_read_fd(struct buf *buf, int fd, size_t limit);
/* Read a blocking fd to its end. Returns false with errno; ENOBUFS when buf was full before the end
 * was seen. Set the cap one byte above the limit, to tell a text that just fits from one that is
 * too long. */
bool buf_read_all(struct buf *buf, int fd);
/* Write the content once to fd, and consume the bytes written. SIGPIPE must be ignored, as it
 * is in every role. Returns the result of write(2), with its errno; 0 when buf is empty. */
long buf_write_fd(struct buf *buf, int fd);

/* Returns the bytes, owned by the caller. *from becomes empty, with the same cap. */
struct buf buf_take(struct buf *from);
/* Move the first `len` bytes to *head, whose storage and cap are no larger than that. The larger
 * part keeps its storage, so that no large part is held twice. Returns false, with nothing changed,
 * when memory forbids it. */
bool buf_split(struct buf *buf, size_t len, struct buf *head);
/* Free storage that the bytes do not need. */
void buf_trim(struct buf *buf);

#endif
