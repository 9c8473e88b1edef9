#include "zygote.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "../protocol.h"
#include "common/clock.h"

/* An answer takes microseconds of CPU time. But on a busy host, or in a box with a small CPU quota,
 * it may have to wait. */
#define ANSWER_NS (1 * NS_PER_S)
/* A job waits for this answer, so wait long: on a busy host it is late rather than lost. */
#define STAY_NS (20 * NS_PER_S)
#define READ_BYTES 4096

/* Wait for a part of the answer. Returns the result of recv(2); also 0 after give_up_ns. */
static long receive(int fd, char *piece, size_t size, uint64_t give_up_ns)
{
    uint64_t now_ns = clock_now_ns();
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    int left_ms = now_ns < give_up_ns ? (int)((give_up_ns - now_ns) / NS_PER_MS) + 1 : 0;
    if (poll(&readable, 1, left_ms) <= 0)
        return 0;
    return recv(fd, piece, size, MSG_DONTWAIT);
}

static bool order(const struct zygote *zygote, char byte, uint64_t patience_ns, struct buf *answer)
{
    char piece[READ_BYTES];
    uint64_t give_up_ns = clock_now_ns() + patience_ns;
    if (send(zygote->fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
        return false;
    for (;;) {
        long len = receive(zygote->fd, piece, sizeof piece, give_up_ns);
        if (len <= 0)
            return false;
        bool is_last = piece[len - 1] == '\0';
        if (!buf_append(answer, piece, (size_t)len - is_last))
            return false;
        if (is_last)
            return true;
    }
}

bool zygote_settle(struct zygote *zygote, struct template *template)
{
    struct buf answer;
    const struct zygote settled = {.pid = template->pid,
                                   .fd = template->control_fd,
                                   .stdout_fd = template->stdout_fd,
                                   .stderr_fd = template->stderr_fd,
                                   .displays_fd = template->displays_fd};
    buf_init(&answer, ZYGOTE_ANSWER_BYTES_MAX);
    bool answered = order(&settled, ORDER_STAY, STAY_NS, &answer);
    bool stays = answered && answer.len > 0;
    buf_release(&answer);
    if (!answered)
        /* so that a late answer cannot be mistaken for the program's */
        shutdown(settled.fd, SHUT_RDWR);
    if (!stays)
        return false;
    *zygote = settled;
    template->control_fd = template->stdout_fd = -1;
    template->stderr_fd = template->displays_fd = -1;
    return true;
}

bool zygote_look(struct zygote *zygote, struct buf *out)
{
    zygote->is_silent = zygote->is_silent || !order(zygote, ORDER_LOOK, ANSWER_NS, out);
    return !zygote->is_silent;
}

bool zygote_fork(const struct zygote *zygote, int stdin_fd, struct template *template,
                 struct error *err)
{
    return template_order_fork(template, zygote->fd, stdin_fd, err);
}
