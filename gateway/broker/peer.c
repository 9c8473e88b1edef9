#include "broker/peer.h"

#include "common/log.h"
#include "common/refused.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 << 10)
/* All boxes' capped output at once; a front that lets more than that wait is stuck. */
#define OUT_MAX_BYTES ((size_t)256 << 20)

/* A run of this peer's, to find it by its id. The list is as long as the runs that wait or run. */
struct ticket {
    struct node link;
    struct peer *peer;
    uint64_t run_id;
    struct run *run;
};

struct peer {
    struct loop *loop;
    struct pool *pool;
    int fd;
    struct watch watch;
    struct buf in, out;
    struct list tickets;
    bool has_asked; /* it has sent a run */
    bool is_lost;
    void (*lost)(void *arg, struct peer *peer);
    void *arg;
};

static void lose(struct peer *peer, const char *why)
{
    if (peer->is_lost)
        return;
    peer->is_lost = true;
    /* A health check connects and goes, and is no news. */
    log_event(peer->has_asked ? LOG_INFO : LOG_DEBUG, "front_lost", LOG_STR("reason", why),
              LOG_END);
    loop_unwatch(peer->loop, &peer->watch);
    peer->lost(peer->arg, peer);
}

static void drop_ticket(struct ticket *ticket)
{
    node_remove(&ticket->link);
    free(ticket);
}

static struct ticket *find_ticket(const struct peer *peer, uint64_t run_id)
{
    struct ticket *ticket = list_first(&peer->tickets);
    while (ticket && ticket->run_id != run_id)
        ticket = node_next(&ticket->link);
    return ticket;
}

/* ---- out ---- */

static void say(struct peer *peer, enum wire_type type, uint64_t run_id, struct bytes payload)
{
    if (!peer->is_lost && !wire_append(&peer->out, type, run_id, payload.data, payload.len))
        lose(peer, "it does not take its frames");
}

/* Somebody waits for it, so it does not wait for the end of the turn. What is amiss with the socket
 * is found there. */
static void hurry(struct peer *peer)
{
    if (!peer->is_lost)
        buf_write_fd(&peer->out, peer->fd);
}

static void on_frame(void *arg, struct run *run, const struct frame *frame)
{
    struct ticket *ticket = arg;
    struct peer *peer = ticket->peer;
    (void)run;
    bool is_last = frame->type == WIRE_END || frame->type == WIRE_REFUSED;
    if (is_last)
        drop_ticket(ticket);
    say(peer, frame->type, frame->run_id, frame->payload);
    if (is_last)
        hurry(peer);
}

static void say_refused(struct peer *peer, uint64_t run_id, const struct error *why,
                        uint32_t retry_ms)
{
    size_t mark;
    bool begun = wire_begin(&peer->out, WIRE_REFUSED, run_id, &mark);
    if (begun && refused_encode(&peer->out, why, retry_ms)) {
        wire_end(&peer->out, mark);
        return;
    }
    if (begun)
        wire_abort(&peer->out, mark);
    lose(peer, "it does not take its frames");
}

void peer_tell(struct peer *peer, const struct status *status, const struct runtimes *runtimes)
{
    size_t mark;
    if (peer->is_lost || !wire_begin(&peer->out, WIRE_STATUS, 0, &mark))
        return;
    if (status_encode(&peer->out, status))
        wire_end(&peer->out, mark);
    else
        wire_abort(&peer->out, mark);
    if (!wire_begin(&peer->out, WIRE_RUNTIMES, 0, &mark))
        return;
    if (runtimes_encode(&peer->out, runtimes))
        wire_end(&peer->out, mark);
    else
        wire_abort(&peer->out, mark);
}

void peer_flush(struct peer *peer)
{
    while (!peer->is_lost && peer->out.len) {
        long put = buf_write_fd(&peer->out, peer->fd);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno != EAGAIN)
            lose(peer, "its socket broke");
        if (put < 0)
            break;
    }
    /* An empty buffer that was large once gives its memory back. */
    if (peer->out.len == 0 && peer->out.capacity > READ_BYTES)
        buf_release(&peer->out);
    peer->watch.events = peer->out.len ? POLLIN | POLLOUT : POLLIN;
}

bool peer_is_flushed(const struct peer *peer)
{
    return peer->is_lost || peer->out.len == 0;
}

/* ---- in ---- */

static void take_run(struct peer *peer, const struct frame *frame)
{
    struct error err = {.kind = ERR_NONE};
    uint32_t retry_ms = 0;
    peer->has_asked = true;
    if (find_ticket(peer, frame->run_id)) {
        lose(peer, "it used a run id twice");
        return;
    }
    struct ticket *ticket = calloc(1, sizeof(*ticket));
    struct run *run = NULL;
    if (ticket)
        run = pool_submit(peer->pool, frame->run_id, frame->payload, on_frame, ticket, &retry_ms,
                          &err);
    else
        error_set(&err, ERR_SYSTEM, "out of memory");
    if (!run) {
        free(ticket);
        say_refused(peer, frame->run_id, &err, retry_ms);
        return;
    }
    ticket->peer = peer;
    ticket->run_id = frame->run_id;
    ticket->run = run;
    node_init(&ticket->link, ticket);
    node_append(&ticket->link, &peer->tickets);
}

/* A cancel may cross the run's last frame on the wire: then there is nothing to cancel. */
static void take_cancel(struct peer *peer, uint64_t run_id)
{
    struct ticket *ticket = find_ticket(peer, run_id);
    if (!ticket)
        return;
    pool_cancel(peer->pool, ticket->run);
    drop_ticket(ticket);
}

static void take_frames(struct peer *peer)
{
    while (!peer->is_lost) {
        struct frame frame;
        size_t used;
        struct bytes in = buf_bytes(&peer->in);
        enum wire_result result =
            wire_parse(in.data, in.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used);
        if (result == WIRE_MORE)
            break;
        if (result == WIRE_BAD || (frame.type != WIRE_RUN && frame.type != WIRE_CANCEL)) {
            lose(peer, "it sent what is no frame of a front's");
            break;
        }
        if (frame.type == WIRE_RUN)
            take_run(peer, &frame);
        else
            take_cancel(peer, frame.run_id);
        buf_consume(&peer->in, used);
    }
    if (peer->in.len == 0 && peer->in.capacity > READ_BYTES)
        buf_release(&peer->in);
}

static void on_ready(void *arg, short events)
{
    struct peer *peer = arg;
    if (!(events & ~POLLOUT))
        return; /* writing is peer_flush's */
    long got = buf_read_fd(&peer->in, peer->fd, READ_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lose(peer, got == 0 ? "it closed the connection" : "its socket broke");
        return;
    }
    take_frames(peer);
}

/* ---- life ---- */

struct peer *peer_new(struct loop *loop, struct pool *pool, int fd,
                      void (*lost)(void *arg, struct peer *), void *arg, struct error *err)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    int flags = fcntl(fd, F_GETFL);
    if (!peer || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        free(peer);
        close(fd);
        error_set(err, ERR_SYSTEM, "a front's connection could not be set up");
        return NULL;
    }
    *peer = (struct peer){.loop = loop,
                          .pool = pool,
                          .fd = fd,
                          .watch = {.fd = fd, .events = POLLIN, .ready = on_ready, .arg = peer},
                          .lost = lost,
                          .arg = arg};
    buf_init(&peer->in, WIRE_PAYLOAD_MAX_BYTES + WIRE_HEADER_BYTES + READ_BYTES);
    buf_init(&peer->out, OUT_MAX_BYTES);
    if (loop_watch(loop, &peer->watch))
        return peer;
    peer_free(peer);
    error_set(err, ERR_BUSY, "too many fronts");
    return NULL;
}

void peer_free(struct peer *peer)
{
    if (!peer)
        return;
    loop_unwatch(peer->loop, &peer->watch);
    struct ticket *ticket;
    while ((ticket = list_take(&peer->tickets)) != NULL) {
        pool_cancel(peer->pool, ticket->run);
        drop_ticket(ticket);
    }
    close(peer->fd);
    buf_release(&peer->in);
    buf_release(&peer->out);
    free(peer);
}
