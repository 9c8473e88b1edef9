/* buf.h - struct bytes, a borrowed view of bytes; and struct buf, a growing buffer with a fixed
 * maximum size.
 *
 * A buffer never grows past max_bytes. An append that would exceed this cap fails and changes
 * nothing. Consuming from the front is cheap: it only moves an offset. The bytes are moved when
 * space is needed.
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
/* Copy as many bytes as fit into `size`, and end them with a NUL. */
void bytes_copy_cut(char *to, size_t size, struct bytes bytes);
/* Copy like bytes_copy_cut. If the bytes do not fit, replace their middle by " ... ". */
void bytes_copy_ends(char *to, size_t size, struct bytes bytes);

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf); /* frees the bytes; buf is then empty, with the same cap */

/* Returns the content as a view, valid until the next call that changes buf. */
struct bytes buf_bytes(const struct buf *buf);

/* Append. Return false, with nothing changed, if the cap would be exceeded or memory is out. */
bool buf_append(struct buf *buf, const void *data, size_t len);
bool buf_append_string(struct buf *buf, const char *string);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Make space for `len` more bytes at the end. Returns where to write them, or NULL if the cap would
 * be exceeded or memory is out. Then call buf_commit with the number of bytes written. */
uint8_t *buf_reserve(struct buf *buf, size_t len);
void buf_commit(struct buf *buf, size_t len);

/* Drop the first `len` bytes, or all when there are fewer. */
void buf_consume(struct buf *buf, size_t len);
/* Keep only the first `len` bytes. No-op when there are fewer. */
void buf_truncate(struct buf *buf, size_t len);

/* Call read(2) once, and append at most `limit` bytes. fd may be blocking or non-blocking. Returns
 * read's result, with its errno; -1 with ENOBUFS when buf is full. */
long buf_read_fd(struct buf *buf, int fd, size_t limit);
/* Read a blocking fd to its end. Returns false with errno set; ENOBUFS if buf was full before the
 * end. A text that fills buf exactly is such a failure, so set the cap to one byte more than you
 * accept. */
bool buf_read_all(struct buf *buf, int fd);
/* Call write(2) once and consume the bytes that it took. SIGPIPE must be ignored, as it is in every
 * role. Returns write's result, with its errno; 0 when buf is empty. */
long buf_write_fd(struct buf *buf, int fd);

/* Take the bytes out of *from. The caller owns the result. *from becomes empty and keeps its
 * cap. */
struct buf buf_take(struct buf *from);
/* Move the first `len` bytes to *head. Only the smaller of the two parts is copied; the larger
 * keeps the storage. *head's cap becomes `len`. Returns false, with nothing changed, when memory is
 * out. */
bool buf_split(struct buf *buf, size_t len, struct buf *head);
/* Shrink the storage to the size of the content. */
void buf_trim(struct buf *buf);

#endif
