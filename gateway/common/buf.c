#include "common/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_FIRST_BYTES 256
#define READ_BYTES ((size_t)64 << 10)

struct bytes bytes_of(const void *data, size_t len)
{
    return (struct bytes){.data = data, .len = len};
}

struct bytes bytes_of_string(const char *string)
{
    return bytes_of(string, strlen(string));
}

bool bytes_equal_string(struct bytes bytes, const char *string)
{
    size_t len = strlen(string);
    return bytes.len == len && (len == 0 || memcmp(bytes.data, string, len) == 0);
}

void bytes_copy_cut(char *to, size_t size, struct bytes bytes)
{
    size_t len = bytes.len < size ? bytes.len : size - 1;
    if (len > 0)
        memcpy(to, bytes.data, len);
    to[len] = '\0';
}

void bytes_copy_ends(char *to, size_t size, struct bytes bytes)
{
    static const char gap[] = " ... ";
    if (bytes.len < size || size <= sizeof gap) {
        bytes_copy_cut(to, size, bytes);
        return;
    }
    size_t kept = size - sizeof gap;
    size_t head = kept / 3, tail = kept - head;
    memcpy(to, bytes.data, head);
    memcpy(to + head, gap, sizeof gap - 1);
    memcpy(to + head + sizeof gap - 1, bytes.data + bytes.len - tail, tail);
    to[size - 1] = '\0';
}

void buf_init(struct buf *buf, size_t max_bytes)
{
    *buf = (struct buf){.max_bytes = max_bytes};
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max_bytes);
}

struct bytes buf_bytes(const struct buf *buf)
{
    return bytes_of(buf->data ? buf->data + buf->start : NULL, buf->len);
}

/* Move the content to the front of the storage, so that all free space is at the end. */
static void compact(struct buf *buf)
{
    if (buf->start == 0)
        return;
    memmove(buf->data, buf->data + buf->start, buf->len);
    buf->start = 0;
}

uint8_t *buf_reserve(struct buf *buf, size_t len)
{
    if (len > buf->max_bytes || buf->len > buf->max_bytes - len)
        return NULL;
    size_t needed = buf->len + len;
    if (buf->start + needed > buf->capacity && needed <= buf->capacity)
        compact(buf);
    if (buf->start + needed > buf->capacity) {
        size_t capacity = buf->capacity ? buf->capacity : BUF_FIRST_BYTES;
        while (capacity < needed)
            capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
        if (capacity > buf->max_bytes)
            capacity = buf->max_bytes;
        compact(buf);
        uint8_t *data = realloc(buf->data, capacity ? capacity : 1);
        if (!data)
            return NULL;
        buf->data = data;
        buf->capacity = capacity;
    }
    return buf->data + buf->start + buf->len;
}

void buf_commit(struct buf *buf, size_t len)
{
    buf->len += len;
}

bool buf_append(struct buf *buf, const void *data, size_t len)
{
    if (len == 0)
        return true;
    uint8_t *room = buf_reserve(buf, len);
    if (!room)
        return false;
    memcpy(room, data, len);
    buf->len += len;
    return true;
}

bool buf_append_string(struct buf *buf, const char *string)
{
    return buf_append(buf, string, strlen(string));
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int needed = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (needed < 0)
        return false;
    /* vsnprintf also writes a NUL. Raise the cap by one for it, only here. */
    buf->max_bytes += 1;
    char *room = (char *)buf_reserve(buf, (size_t)needed + 1);
    buf->max_bytes -= 1;
    if (!room)
        return false;
    va_start(args, format);
    vsnprintf(room, (size_t)needed + 1, format, args);
    va_end(args);
    buf->len += (size_t)needed;
    return true;
}

void buf_consume(struct buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf->start = 0;
        buf->len = 0;
        return;
    }
    buf->start += len;
    buf->len -= len;
}

void buf_truncate(struct buf *buf, size_t len)
{
    if (len < buf->len)
        buf->len = len;
}

long buf_read_fd(struct buf *buf, int fd, size_t limit)
{
    size_t room = buf->max_bytes - buf->len;
    if (limit > room)
        limit = room;
    uint8_t *into = limit ? buf_reserve(buf, limit) : NULL;
    if (!into) {
        errno = ENOBUFS;
        return -1;
    }
    ssize_t got = read(fd, into, limit);
    if (got > 0)
        buf->len += (size_t)got;
    return got;
}

bool buf_read_all(struct buf *buf, int fd)
{
    long got;
    do
        got = buf_read_fd(buf, fd, READ_BYTES);
    while (got > 0 || (got < 0 && errno == EINTR));
    return got == 0;
}

long buf_write_fd(struct buf *buf, int fd)
{
    if (buf->len == 0)
        return 0;
    ssize_t put = write(fd, buf->data + buf->start, buf->len);
    if (put > 0)
        buf_consume(buf, (size_t)put);
    return put;
}

void buf_trim(struct buf *buf)
{
    if (buf->len == 0) {
        buf_release(buf);
        return;
    }
    compact(buf);
    uint8_t *data = realloc(buf->data, buf->len);
    if (!data)
        return;
    buf->data = data;
    buf->capacity = buf->len;
}

bool buf_split(struct buf *buf, size_t len, struct buf *head)
{
    struct buf other;
    bool head_is_larger = len > buf->len - len;
    struct bytes smaller = head_is_larger ? bytes_of(buf->data + buf->start + len, buf->len - len)
                                          : bytes_of(buf->data + buf->start, len);
    buf_init(&other, head_is_larger ? buf->max_bytes : len);
    if (!buf_append(&other, smaller.data, smaller.len))
        return false;
    if (!head_is_larger) {
        buf_consume(buf, len);
        *head = other;
        return true;
    }
    buf_truncate(buf, len);
    *head = buf_take(buf);
    *buf = other;
    buf_trim(head);
    head->max_bytes = len;
    return true;
}

struct buf buf_take(struct buf *from)
{
    struct buf taken = *from;
    buf_init(from, from->max_bytes);
    return taken;
}
