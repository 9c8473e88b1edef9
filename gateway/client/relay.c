#include "client/relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct head {
    int fd;
    size_t len;
};

void relay_init(struct relay *relay, size_t max_bytes)
{
    *relay = (struct relay){.fd = -1};
    buf_init(&relay->queue, max_bytes);
}

void relay_release(struct relay *relay)
{
    size_t max_bytes = relay->queue.max_bytes;
    buf_release(&relay->queue);
    relay_init(relay, max_bytes);
}

bool relay_put(struct relay *relay, int fd, struct bytes bytes)
{
    const struct head head = {.fd = fd, .len = bytes.len};
    size_t before = relay->queue.len;
    if (bytes.len == 0)
        return true;
    if (buf_append(&relay->queue, &head, sizeof(head)) &&
        buf_append(&relay->queue, bytes.data, bytes.len))
        return true;
    buf_truncate(&relay->queue, before);
    return false;
}

static struct head first_head(const struct relay *relay)
{
    struct head head = {.fd = -1};
    if (relay->left > 0)
        head = (struct head){.fd = relay->fd, .len = relay->left};
    else if (relay->queue.len > 0)
        memcpy(&head, relay->queue.data + relay->queue.start, sizeof(head));
    return head;
}

int relay_fd(const struct relay *relay)
{
    return first_head(relay).fd;
}

/* Returns true if the descriptor can be written, or has an error that the write will report. */
static bool is_ready(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, 0) == 1;
}

bool relay_flush(struct relay *relay)
{
    while (relay->queue.len > 0) {
        struct head head = first_head(relay);
        if (!is_ready(head.fd))
            return true;
        if (relay->left == 0)
            buf_consume(&relay->queue, sizeof(head));
        relay->fd = head.fd;
        relay->left = head.len;
        size_t len = head.len < PIPE_BUF ? head.len : PIPE_BUF;
        ssize_t put = write(head.fd, relay->queue.data + relay->queue.start, len);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (put <= 0)
            return true;
        buf_consume(&relay->queue, (size_t)put);
        relay->left -= (size_t)put;
    }
    return true;
}
