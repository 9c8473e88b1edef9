/* link.c - the connection to the broker: how it is opened, and how frames are sent and received.
 *
 *   submit --> outbox --write--> broker --read--> in --frames--> runs --> a run's sink
 */
#include "front/runs/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/backoff.h"
#include "common/clock.h"
#include "common/fd.h"
#include "front/http/problem.h"
#include "front/runs/outbox.h"
#include "front/runs/link_runs.h"

#define READ_BYTES ((size_t)64 << 10)
#define READS_A_TURN 16                        /* after this many reads, other work gets its turn */
#define TURN_BYTES (READS_A_TURN * READ_BYTES) /* most bytes of frames that are handled in a turn */
#define SEND_TURN_BYTES ((size_t)512 << 10)
/* The budget for RUN frames that wait to be sent: the size of two of the largest. */
#define OUT_MAX_BYTES (2 * (WIRE_PAYLOAD_MAX_BYTES + WIRE_HEADER_BYTES))
/* An empty buffer that has grown beyond this frees its memory. There is only one link, so it may
 * keep more than a wire_reader (64 KiB). With 64 KiB, each frame of that size would map new pages:
 * we measured 43 us of CPU per frame instead of 8. */
#define IDLE_BUFFER_BYTES ((size_t)1 << 20)
#define EVICTED_RETRY_MS 1000
#define ORDER_MAX_BYTES 256
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 1000   /* longest wait until a restarted broker is found */
#define STATUS_STALE_MS 10000 /* the broker reports every second */

struct link {
    const struct config *config;
    struct reactor *reactor;
    struct watch watch; /* fd -1: not connected */
    bool awaits_room;   /* POLLOUT is being watched */
    struct buf in;
    struct outbox outbox;
    struct link_runs runs;
    struct sessions sessions;
    struct status status;
    struct buf samples; /* storage for status.samples */
    struct runtimes runtimes;
    uint64_t status_at_ms; /* 0: no STATUS has arrived on this connection */
    bool reconnects;       /* true in the role front */
    struct timer reconnect;
    struct backoff backoff;
    void (*on_lost)(void *arg);
    void *lost_arg;
};

/* ---- the connection ---- */

static void disconnect(struct link *link)
{
    watch_stop(&link->reactor->watches, &link->watch);
    close(link->watch.fd);
    link->watch.fd = -1;
    link->awaits_room = false;
    buf_release(&link->in);
    outbox_clear(&link->outbox);
    link->status_at_ms = 0;
    link->runtimes.count = 0;
    sessions_lose(&link->sessions);
}

static void retry_later(struct link *link)
{
    timer_start(&link->reactor->timers, &link->reconnect, backoff_next(&link->backoff));
}

/* The connection is lost or has broken the protocol. The caller must return at once. */
static void fail(struct link *link, const char *why)
{
    log_event(LOG_WARNING, "link_lost", LOG_STR("error", why), LOG_END);
    disconnect(link);
    link_runs_lose_all(&link->runs);
    if (link->reconnects)
        retry_later(link);
    else
        link->on_lost(link->lost_arg);
}

/* Use this descriptor as the connection. Takes fd, also on failure. */
static bool use(struct link *link, int fd)
{
    link->watch.fd = fd;
    if (fd_set_nonblocking(fd) && watch_start(&link->reactor->watches, &link->watch, POLLIN))
        return true;
    int saved_errno = errno;
    close(fd);
    link->watch.fd = -1;
    errno = saved_errno;
    return false;
}

static bool connect_once(struct link *link)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _Static_assert(sizeof address.sun_path > sizeof link->config->wire_socket, "a path that fits");
    memcpy(address.sun_path, link->config->wire_socket, strlen(link->config->wire_socket));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    /* connect(2) on a Unix socket succeeds or fails at once, even if non-blocking. */
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return use(link, fd);
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return false;
}

static void on_reconnect_due(void *arg)
{
    struct link *link = arg;
    if (connect_once(link)) {
        log_event(LOG_INFO, "link_connected", LOG_END);
        return;
    }
    log_event(LOG_WARNING, "link_connect_failed", LOG_STR("error", strerror(errno)), LOG_END);
    retry_later(link);
}

/* ---- receiving ---- */

static bool on_status(struct link *link, struct bytes payload)
{
    if (!status_decode(payload, &link->status, NULL))
        return false;
    buf_truncate(&link->samples, 0);
    buf_append(&link->samples, link->status.samples.data, link->status.samples.len);
    link->status.samples = (struct bytes){0}; /* the samples were only borrowed from the payload */
    link->status_at_ms = clock_now_ms();
    backoff_reset(&link->backoff); /* the frame is valid, so this is a real broker */
    return true;
}

static bool on_frame(struct link *link, const struct frame *frame)
{
    if (frame->type == WIRE_STATUS)
        return on_status(link, frame->payload);
    if (frame->type == WIRE_RUNTIMES)
        return runtimes_decode(frame->payload, &link->runtimes, NULL);
    if (frame->type == WIRE_SESSION)
        return sessions_on_frame(&link->sessions, frame);
    return link_runs_on_frame(&link->runs, frame);
}

/* Handle all whole frames that have arrived, and add their length to *taken. Returns false when the
 * broker has broken the protocol. */
static bool take_frames(struct link *link, size_t *taken)
{
    for (;;) {
        struct frame frame;
        size_t used;
        struct bytes bytes = buf_bytes(&link->in);
        switch (wire_parse(bytes.data, bytes.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used)) {
        case WIRE_MORE:
            return true;
        case WIRE_BAD:
            return false;
        case WIRE_FRAME:
            if (!on_frame(link, &frame))
                return false;
            buf_consume(&link->in, used);
            *taken += used;
        }
    }
}

static void give_back_memory(struct buf *buf)
{
    if (buf->len == 0 && buf->capacity > IDLE_BUFFER_BYTES)
        buf_release(buf);
}

static void receive(struct link *link)
{
    size_t taken = 0;
    for (int i = 0; i < READS_A_TURN && taken < TURN_BYTES; i++) {
        long got = buf_read_fd(&link->in, link->watch.fd, READ_BYTES);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (got <= 0) {
            fail(link, got == 0 ? "the broker closed the connection" : strerror(errno));
            return;
        }
        if (!take_frames(link, &taken)) {
            fail(link, "the broker violated the protocol");
            return;
        }
        if ((size_t)got < READ_BYTES)
            break;
    }
    give_back_memory(&link->in);
}

/* ---- sending ---- */

static void send_some(struct link *link)
{
    outbox_send(&link->outbox, link->watch.fd, SEND_TURN_BYTES);
    bool awaits_room = !outbox_is_empty(&link->outbox);
    if (awaits_room == link->awaits_room)
        return;
    short events = (short)(POLLIN | (awaits_room ? POLLOUT : 0));
    if (watch_start(&link->reactor->watches, &link->watch, events))
        link->awaits_room = awaits_room;
}

static void on_ready(void *arg, short events)
{
    struct link *link = arg;
    if (events & POLLOUT)
        send_some(link);
    if (events & (POLLIN | POLLHUP | POLLERR))
        receive(link);
}

static void on_evicted(void *arg, uint64_t run_id)
{
    static const struct error why = {
        ERR_BUSY, "the gateway has no memory left for requests that wait to be passed on, and this "
                  "run's key held the most of it"};
    struct link *link = arg;
    link_runs_refuse(&link->runs, run_id, &why, EVICTED_RETRY_MS);
}

/* ---- the interface, in order of life ---- */

struct link *link_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      int fd, void (*on_lost)(void *arg), void *arg)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->config = config;
    link->reactor = reactor;
    link->watch = (struct watch){.fd = -1, .on_ready = on_ready, .arg = link};
    link->reconnect = (struct timer){.on_due = on_reconnect_due, .arg = link};
    link->runs.metrics = metrics;
    link->sessions.keep_ms = config->executions_keep_ms;
    link->reconnects = fd < 0;
    link->backoff = (struct backoff){.first_ms = BACKOFF_MIN_MS, .most_ms = BACKOFF_MAX_MS};
    link->on_lost = on_lost;
    link->lost_arg = arg;
    buf_init(&link->in, WIRE_PAYLOAD_MAX_BYTES + WIRE_HEADER_BYTES + READ_BYTES);
    link->outbox = (struct outbox){
        .ledger = {.max_bytes = OUT_MAX_BYTES}, .on_evicted = on_evicted, .arg = link};
    buf_init(&link->samples, SAMPLES_MAX_BYTES);
    if (link->reconnects) {
        on_reconnect_due(link);
    } else if (!use(link, fd)) {
        free(link);
        return NULL;
    }
    return link;
}

bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err)
{
    uint64_t id = spec->run_id;
    if (link->watch.fd < 0)
        return error_set(err, ERR_ENGINE, "the gateway is not connected to its broker");
    if (!link_runs_add(&link->runs, sink, arg, spec->quota, &id, err))
        return false;
    wire_set_run(spec->frame, id);
    if (!outbox_add(&link->outbox, id, spec->owner, spec->frame)) {
        link_runs_forget(&link->runs, id);
        return error_set(err, ERR_BUSY, "too many bytes wait to be sent to the broker");
    }
    *run_id = id;
    send_some(link);
    return true;
}

void link_cancel(struct link *link, uint64_t run_id)
{
    if (!link_runs_forget(&link->runs, run_id) || link->watch.fd < 0 ||
        outbox_withdraw(&link->outbox, run_id))
        return;
    /* Without memory for a CANCEL, the broker ends the run at its deadline. */
    if (outbox_add_word(&link->outbox, WIRE_CANCEL, run_id, (struct bytes){0}))
        send_some(link);
}

/* Without memory for the message, the broker retires the boxes a little later. */
void link_end_scope(struct link *link, uint64_t scope)
{
    if (link->watch.fd >= 0 &&
        outbox_add_word(&link->outbox, WIRE_CANCEL, scope, (struct bytes){0}))
        send_some(link);
}

/* Without memory for the frame, the run still ends at its deadline. */
void link_interrupt(struct link *link, uint64_t run_id)
{
    if (link_runs_have(&link->runs, run_id) && link->watch.fd >= 0 &&
        outbox_add_word(&link->outbox, WIRE_INTERRUPT, run_id, (struct bytes){0}))
        send_some(link);
}

bool link_order(struct link *link, uint64_t session_id, const struct session_order *order,
                struct error *err)
{
    struct buf payload;
    if (link->watch.fd < 0)
        return error_set(err, ERR_ENGINE, "the gateway is not connected to its broker");
    buf_init(&payload, ORDER_MAX_BYTES);
    bool is_added = session_order_encode(&payload, order) &&
                    outbox_add_word(&link->outbox, WIRE_SESSION, session_id, buf_bytes(&payload));
    buf_release(&payload);
    if (!is_added)
        return error_set(err, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
    send_some(link);
    return true;
}

struct sessions *link_sessions(struct link *link)
{
    return &link->sessions;
}

bool link_is_ready(const struct link *link, struct error *err)
{
    if (link->watch.fd < 0)
        return error_set(err, ERR_ENGINE, "the gateway is not connected to its broker");
    if (link->status_at_ms == 0)
        return error_set(err, ERR_ENGINE, "the broker has not reported yet");
    uint64_t age_ms = clock_now_ms() - link->status_at_ms;
    if (age_ms > STATUS_STALE_MS)
        return error_set(err, ERR_ENGINE, "the broker has not reported for %llu seconds",
                         (unsigned long long)(age_ms / 1000));
    if (!link->status.ready)
        return error_set(err, ERR_ENGINE, "%s", link->status.reason);
    return true;
}

struct bytes link_samples(const struct link *link)
{
    return link->status_at_ms > 0 ? buf_bytes(&link->samples) : (struct bytes){0};
}

const struct runtimes *link_runtimes(const struct link *link)
{
    return &link->runtimes;
}

void link_report(const struct link *link, struct samples *samples)
{
    samples_put(samples, METRIC_LINK_UP, LABELS(NULL), link->watch.fd >= 0);
    samples_put(samples, METRIC_UNSENT_BYTES, LABELS(NULL), link->outbox.ledger.bytes);
    samples_put(samples, METRIC_REQUESTS_GAVE_WAY, LABELS("unsent"),
                link->outbox.ledger.gave_way_count);
    if (link->status_at_ms > 0)
        samples_put(samples, METRIC_STATUS_AGE, LABELS(NULL),
                    (clock_now_ms() - link->status_at_ms) * NS_PER_MS);
}
