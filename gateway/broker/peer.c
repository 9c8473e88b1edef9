/* One subject of more than 400 lines: reading frames, writing frames and pausing runs all use the
 * tickets of a front. */
#include "broker/peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/news.h"
#include "broker/outlet.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/refused.h"
#include "common/wire_reader.h"

#define READ_BYTES ((size_t)64 << 10)
/* If this much output of a run waits for the front, the run's box is not read. Reading continues
 * below FLOW_LOW_BYTES. */
#define FLOW_HIGH_BYTES ((size_t)1 << 20)
#define FLOW_LOW_BYTES ((size_t)256 << 10)
/* Above FLOW_HIGH_BYTES, only the frames of one more read can arrive, the last of which may be
 * large. */
#define FLOW_MAX_BYTES (FLOW_HIGH_BYTES + BOX_FRAME_MAX_BYTES + ((size_t)1 << 20))
/* If this many bytes of refusals and states wait for a front, nothing is read from the front
 * either. */
#define REFUSALS_HIGH_BYTES ((size_t)256 << 10)
#define REFUSALS_MAX_BYTES (2 * REFUSALS_HIGH_BYTES)
#define STATUS_MAX_BYTES ((size_t)1 << 20)

static const char not_of_a_front[] = "it sent a frame that a front may not send";

/* A run of this peer, with its frames that wait to be written. One list has the runs that wait or
 * run, the other has ended runs whose last frames are not written. */
struct ticket {
    struct node node; /* on tickets, or on ended */
    struct peer *peer;
    uint64_t run_id;
    struct run *run; /* NULL once the run has ended */
    struct flow flow;
    bool awaits_begin; /* its job goes into the box only when PAIRED was written */
    bool is_held;      /* its box is not being read */
};

struct peer {
    struct loop *loop;
    struct pool *pool;
    int fd;
    struct watch watch;
    struct wire_reader in;
    struct outlet outlet;
    struct flow status, refusals;
    struct news news;
    struct audience audience;
    struct list tickets, ended;
    size_t stalled_count; /* tickets with awaits_begin or is_held */
    bool has_asked;       /* the front has sent a run */
    bool is_lost;
    void (*on_lost)(void *arg, struct peer *peer);
    void *arg;
};

static void lose(struct peer *peer, const char *why)
{
    if (peer->is_lost)
        return;
    peer->is_lost = true;
    /* A health check just connects and disconnects, so log it at debug level. */
    log_event(peer->has_asked ? LOG_INFO : LOG_DEBUG, "front_lost", LOG_STR("error", why), LOG_END);
    watch_stop(loop_watches(peer->loop), &peer->watch);
    peer->on_lost(peer->arg, peer);
}

static struct ticket *find_ticket(const struct peer *peer, uint64_t run_id)
{
    struct ticket *ticket = list_first(&peer->tickets);
    while (ticket && ticket->run_id != run_id)
        ticket = node_next(&ticket->node);
    return ticket;
}

static void free_ticket(struct ticket *ticket)
{
    node_remove(&ticket->node);
    flow_release(&ticket->flow);
    free(ticket);
}

/* ---- pace: a run continues only as fast as its front reads ---- */

static void set_stalled(struct ticket *ticket, bool awaits_begin, bool is_held)
{
    struct peer *peer = ticket->peer;
    bool was = ticket->awaits_begin || ticket->is_held;
    bool is = awaits_begin || is_held;
    ticket->awaits_begin = awaits_begin;
    ticket->is_held = is_held;
    peer->stalled_count = peer->stalled_count - was + is;
}

/* Mark the ticket's run as ended: it cannot be canceled, held or begun any more. Its waiting frames
 * are still written. */
static void end_ticket(struct ticket *ticket)
{
    set_stalled(ticket, false, false);
    ticket->run = NULL;
    node_append(&ticket->node, &ticket->peer->ended);
}

static void set_behind(struct peer *peer)
{
    bool is_behind = false;
    for (struct ticket *t = list_first(&peer->tickets); t && peer->stalled_count && !is_behind;
         t = node_next(&t->node))
        is_behind = t->awaits_begin;
    pool_set_behind(peer->pool, &peer->audience, is_behind);
}

static void move_on(struct ticket *ticket)
{
    struct peer *peer = ticket->peer;
    size_t waiting_bytes = ticket->flow.out.len;
    if (ticket->awaits_begin && waiting_bytes == 0) {
        set_stalled(ticket, false, false);
        pool_begin(peer->pool, ticket->run);
    } else if (ticket->is_held && waiting_bytes <= FLOW_LOW_BYTES) {
        set_stalled(ticket, false, false);
        run_hold(ticket->run, false);
    }
}

/* Call this after bytes were written: waiting runs continue, and tickets of ended runs are freed
 * once their last frame was written. */
static void settle(struct peer *peer)
{
    for (struct ticket *t = list_first(&peer->tickets), *next; t && peer->stalled_count; t = next) {
        next = node_next(&t->node);
        move_on(t);
    }
    set_behind(peer);
    for (struct ticket *t = list_first(&peer->ended), *next; t; t = next) {
        next = node_next(&t->node);
        if (flow_is_empty(&t->flow))
            free_ticket(t);
    }
}

/* ---- out ---- */

static void write_some(struct peer *peer)
{
    if (!peer->is_lost && !outlet_write(&peer->outlet))
        lose(peer, "its socket broke");
}

static bool on_frame(void *arg, struct run *run, const struct frame *frame)
{
    struct ticket *ticket = arg;
    struct peer *peer = ticket->peer;
    struct flow *flow = &ticket->flow;
    bool is_last = frame->type == WIRE_END || frame->type == WIRE_REFUSED;
    if (is_last)
        end_ticket(ticket);
    if (peer->is_lost)
        return false;
    if (is_last) /* the run may have changed its session */
        news_put_all(&peer->news, &peer->outlet);
    if (!outlet_put(&peer->outlet, flow, frame->type, frame->run_id, frame->payload)) {
        lose(peer, "there is no memory for its frames");
        return false;
    }
    /* A client waits for these frames, so write them before the turn ends. A broken socket is
     * noticed then. */
    if (frame->type == WIRE_PAIRED)
        outlet_hurry(&peer->outlet, flow);
    if (is_last || frame->type == WIRE_PAIRED)
        outlet_write(&peer->outlet);
    if (frame->type == WIRE_PAIRED && !flow_is_empty(flow)) {
        set_stalled(ticket, true, false);
        pool_set_behind(peer->pool, &peer->audience, true);
    } else if (!is_last && !ticket->is_held && flow->out.len > FLOW_HIGH_BYTES) {
        set_stalled(ticket, false, true);
        run_hold(run, true);
    }
    return flow_is_empty(flow);
}

static void say_refused(struct peer *peer, uint64_t run_id, const struct error *why,
                        uint32_t retry_ms)
{
    struct buf payload;
    buf_init(&payload, REFUSED_MAX_BYTES);
    news_put_all(&peer->news, &peer->outlet);
    if (!refused_encode(&payload, why, retry_ms) ||
        !outlet_put(&peer->outlet, &peer->refusals, WIRE_REFUSED, run_id, buf_bytes(&payload)))
        lose(peer, "there is no memory for its frames");
    buf_release(&payload);
}

static bool put_state(struct buf *out, const struct status *status, const struct runtimes *runtimes)
{
    size_t mark;
    return wire_begin(out, WIRE_STATUS, 0, &mark) &&
           wire_finish(out, mark, status_encode(out, status)) &&
           wire_begin(out, WIRE_RUNTIMES, 0, &mark) &&
           wire_finish(out, mark, runtimes_encode(out, runtimes));
}

void peer_tell(struct peer *peer, const struct status *status, const struct runtimes *runtimes)
{
    struct flow *flow = &peer->status;
    if (peer->is_lost)
        return;
    outlet_drop(&peer->outlet, flow); /* drop an older state that was not written yet */
    size_t before = flow->out.len;
    if (!put_state(&flow->out, status, runtimes))
        buf_truncate(&flow->out, before);
    outlet_add(&peer->outlet, flow);
    outlet_hurry(&peer->outlet, flow);
}

void peer_flush(struct peer *peer)
{
    write_some(peer); /* so that a new front gets the state before all other frames */
    if (!peer->is_lost)
        news_put_some(&peer->news, &peer->outlet);
    write_some(peer);
    if (!peer->is_lost && (peer->stalled_count || peer->ended.count))
        settle(peer);
    bool is_read = peer->refusals.out.len < REFUSALS_HIGH_BYTES;
    if (peer->watch.is_on)
        watch_start(
            loop_watches(peer->loop), &peer->watch,
            (short)((is_read ? POLLIN : 0) | (outlet_is_empty(&peer->outlet) ? 0 : POLLOUT)));
}

bool peer_is_flushed(const struct peer *peer)
{
    return peer->is_lost || outlet_is_empty(&peer->outlet);
}

/* ---- in ---- */

/* Submit a run. Takes the frame. */
static void submit(struct peer *peer, uint64_t run_id, struct buf *frame)
{
    struct error err = {.kind = ERR_NONE};
    uint32_t retry_ms = 0;
    struct ticket *ticket = calloc(1, sizeof *ticket);
    struct run *run = NULL;
    if (ticket)
        run = pool_submit(peer->pool, frame, &peer->audience, ticket, &retry_ms, &err);
    else
        error_set(&err, ERR_SYSTEM, "the gateway is out of memory");
    buf_release(frame);
    if (!run) {
        free(ticket);
        say_refused(peer, run_id, &err, retry_ms);
        return;
    }
    *ticket = (struct ticket){.peer = peer, .run_id = run_id, .run = run};
    node_init(&ticket->node, ticket);
    node_append(&ticket->node, &peer->tickets);
    flow_init(&ticket->flow, FLOW_MAX_BYTES);
}

/* Handle a CANCEL. If no run has this id, then a scope has ended, or the run has ended meanwhile
 * and there is nothing to do. */
static void take_cancel(struct peer *peer, uint64_t run_id)
{
    struct ticket *ticket = find_ticket(peer, run_id);
    if (!ticket && run_id != 0)
        pool_end_scope(peer->pool, run_id);
    if (!ticket)
        return;
    pool_cancel(peer->pool, ticket->run);
    end_ticket(ticket);
    outlet_drop(&peer->outlet, &ticket->flow);
}

static void take_interrupt(struct peer *peer, uint64_t run_id)
{
    struct ticket *ticket = find_ticket(peer, run_id);
    if (ticket)
        pool_interrupt(peer->pool, ticket->run);
}

static void take_order(struct peer *peer, const struct frame *frame)
{
    struct session_order order;
    peer->has_asked = true;
    if (!session_order_decode(frame->payload, &order, NULL))
        lose(peer, not_of_a_front);
    else if (!pool_obey(peer->pool, frame->run_id, &order) &&
             !news_put_unknown(&peer->news, &peer->outlet, frame->run_id))
        lose(peer, "it does not read the notices of sessions");
}

/* Handle the RUN frame that the reader returned last. */
static void take_run(struct peer *peer, uint64_t run_id)
{
    struct buf frame;
    peer->has_asked = true;
    if (find_ticket(peer, run_id))
        lose(peer, "it used a run id twice");
    else if (!wire_reader_take(&peer->in, &frame))
        lose(peer, "there is no memory for its frames");
    else
        submit(peer, run_id, &frame);
}

static void take_frame(struct peer *peer, const struct frame *frame)
{
    switch (frame->type) {
    case WIRE_RUN:
        take_run(peer, frame->run_id);
        return;
    case WIRE_CANCEL:
        take_cancel(peer, frame->run_id);
        return;
    case WIRE_INTERRUPT:
        take_interrupt(peer, frame->run_id);
        return;
    case WIRE_SESSION:
        take_order(peer, frame);
        return;
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_STARTED:
    case WIRE_OUTPUT:
    case WIRE_FILE:
    case WIRE_DISPLAY:
    case WIRE_END:
    case WIRE_REFUSED:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
        break;
    }
    lose(peer, not_of_a_front);
}

static void take_frames(struct peer *peer)
{
    struct frame frame;
    while (!peer->is_lost) {
        enum wire_result result = wire_reader_next(&peer->in, &frame);
        if (result == WIRE_MORE)
            return;
        if (result == WIRE_BAD)
            lose(peer, not_of_a_front);
        else
            take_frame(peer, &frame);
    }
}

static void on_ready(void *arg, short events)
{
    struct peer *peer = arg;
    if (!(events & ~POLLOUT))
        return; /* peer_flush writes */
    long got = wire_reader_fill(&peer->in, peer->fd, READ_BYTES);
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
                      void (*on_lost)(void *arg, struct peer *), void *arg, struct error *err)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer || !fd_set_nonblocking(fd)) {
        free(peer);
        close(fd);
        error_set(err, ERR_SYSTEM, "a front's connection could not be set up");
        return NULL;
    }
    *peer = (struct peer){.loop = loop,
                          .pool = pool,
                          .fd = fd,
                          .watch = {.fd = fd, .on_ready = on_ready, .arg = peer},
                          .audience = {.on_frame = on_frame},
                          .on_lost = on_lost,
                          .arg = arg};
    wire_reader_init(&peer->in, WIRE_PAYLOAD_MAX_BYTES, READ_BYTES);
    outlet_init(&peer->outlet, fd);
    flow_init(&peer->status, STATUS_MAX_BYTES);
    flow_init(&peer->refusals, REFUSALS_MAX_BYTES);
    news_init(&peer->news, pool_leases(pool));
    if (watch_start(loop_watches(loop), &peer->watch, POLLIN))
        return peer;
    peer_free(peer);
    error_set(err, ERR_BUSY, "too many fronts");
    return NULL;
}

void peer_free(struct peer *peer)
{
    if (!peer)
        return;
    watch_stop(loop_watches(peer->loop), &peer->watch);
    struct ticket *ticket;
    while ((ticket = list_take(&peer->tickets)) != NULL) {
        pool_cancel(peer->pool, ticket->run);
        free_ticket(ticket);
    }
    while ((ticket = list_take(&peer->ended)) != NULL)
        free_ticket(ticket);
    pool_set_behind(peer->pool, &peer->audience, false);
    close(peer->fd);
    wire_reader_release(&peer->in);
    flow_release(&peer->status);
    flow_release(&peer->refusals);
    news_release(&peer->news);
    free(peer);
}
