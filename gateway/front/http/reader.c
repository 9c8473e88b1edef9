#include "front/http/reader.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"

/* Returns how many bytes the client has acknowledged; 0 if unknown. Bytes in the kernel's send
 * buffer do not count, because the kernel accepts new ones only when much of it is free.
 */
static uint64_t acked_bytes(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
        return 0;
    return info.tcpi_bytes_acked;
}

static void note_progress(struct reader *reader)
{
    reader->patience.read_bytes = acked_bytes(reader->fd) - reader->acked_before_bytes;
}

static void set_deadline(struct reader *reader, uint64_t now_ms)
{
    timer_start(&reader->reactor->timers, &reader->deadline,
                patience_left_ms(&reader->patience, now_ms));
}

static void on_deadline(void *arg)
{
    struct reader *reader = arg;
    uint64_t now_ms = clock_now_ms();
    note_progress(reader);
    if (patience_left_ms(&reader->patience, now_ms) > 0) {
        set_deadline(reader, now_ms);
        return;
    }
    log_event(LOG_INFO, "slow_reader_cut", LOG_END);
    reader_cut(reader->fd);
    reader->on_cut(reader->arg);
}

void reader_begin(struct reader *reader, struct reactor *reactor, int fd, uint64_t timeout_ms,
                  void (*on_cut)(void *arg), void *arg)
{
    *reader = (struct reader){
        .reactor = reactor,
        .fd = fd,
        .acked_before_bytes = acked_bytes(fd),
        .patience = {.timeout_ms = timeout_ms},
        .deadline = {.on_due = on_deadline, .arg = reader},
        .on_cut = on_cut,
        .arg = arg,
    };
}

void reader_await(struct reader *reader)
{
    uint64_t now_ms = clock_now_ms();
    /* For an answer that is sent at once, this is called only once, before the client has read
     * anything.
     */
    if (reader->has_waited)
        note_progress(reader);
    reader->has_waited = true;
    patience_begin(&reader->patience, now_ms);
    set_deadline(reader, now_ms);
}

void reader_end_wait(struct reader *reader)
{
    patience_end(&reader->patience, clock_now_ms());
    if (timer_runs(&reader->deadline))
        timer_stop(&reader->reactor->timers, &reader->deadline);
}

uint64_t reader_slow_ms(const struct reader *reader)
{
    return patience_slow_ms(&reader->patience, clock_now_ms());
}

void reader_cut(int fd)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    shutdown(fd, SHUT_RDWR);
}
