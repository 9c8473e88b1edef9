/* For libcurl, the stream is a POST whose upload never ends.
 *
 *   OPENING --(101's head ends)--> OPEN, upload paused --(send)--> sending --(taken)--> paused …
 *      \_______________________________\_____ EOF, error, close ______/
 *
 * While the upload is paused, libcurl does not notice EOF, not even within the head of the answer.
 * So we watch the socket as well. After libcurl's turn, we peek into the socket. If there is an
 * EOF, we resume the upload, and its callback aborts the transfer.
 */
#include "broker/engine/attach.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"

#define SEND_MAX_BYTES (((size_t)32 << 20) + 4096)

struct attach {
    struct transfer transfer; /* first */
    struct buf out;
    long status; /* the answer's status; 0: libcurl accepts a head without a status */
    bool has_head, opened, told_opened, upload_paused;
    bool hung_up;
    bool is_held;            /* attach_hold was called */
    struct timer hold_timer; /* applies attach_hold later, outside of libcurl's callbacks */
    struct watch end_watch;
    struct metered opening;
    /* the deadline of the answer's head; after the head, started again with 0 ms to call
     * on_opened */
    struct timer head_timer;
    const struct attach_events *events;
};

static void on_readable(void *arg, short events)
{
    struct attach *attach = arg;
    char byte;
    (void)events;
    ssize_t seen = recv(attach->end_watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen > 0 || (seen < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    attach->hung_up = true;
    watch_stop(loop_watches(transfer_loop(&attach->transfer)), &attach->end_watch);
    curl_easy_pause(attach->transfer.easy, CURLPAUSE_CONT);
}

/* Let libcurl pause the directions that should be paused. */
static void apply_pauses(struct attach *attach)
{
    curl_easy_pause(attach->transfer.easy, (attach->is_held ? CURLPAUSE_RECV : 0) |
                                               (attach->upload_paused ? CURLPAUSE_SEND : 0));
}

/* Apply a hold or its end. A held stream is not watched, because its unread bytes would wake the
 * loop all the time. */
static void on_hold_timer(void *arg)
{
    struct attach *attach = arg;
    if (attach->end_watch.is_on)
        watch_start(loop_watches(transfer_loop(&attach->transfer)), &attach->end_watch,
                    attach->is_held ? 0 : POLLIN);
    apply_pauses(attach);
}

/* End the measurement with the answer's status, or with `without_head` if there was no answer. */
static void end_opening(struct attach *attach, enum call_outcome without_head)
{
    meter_end(&attach->opening,
              attach->has_head ? meter_outcome(attach->status, ERR_NONE) : without_head);
}

static void on_head_timer(void *arg)
{
    struct attach *attach = arg;
    end_opening(attach, CALL_TIMEOUT);
    if (attach->opened) {
        attach->told_opened = true;
        attach->events->on_opened(attach->transfer.arg);
        return;
    }
    struct error why;
    if (attach->has_head)
        error_set(&why, ERR_ENGINE, "attach was answered with status %ld", attach->status);
    else
        error_set(&why, ERR_TIMEOUT, "attach was not answered in time");
    transfer_bury(&attach->transfer);
    attach->events->on_closed(attach->transfer.arg, &why);
}

/* No call may be started inside libcurl's callback, so a timer reports the head later in this turn.
 * The timer reports a refusal too, because libcurl would never end a transfer with a paused
 * upload. */
static void on_head_ended(struct transfer *t)
{
    struct attach *attach = (struct attach *)t;
    if (attach->has_head)
        return;
    attach->has_head = true;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &attach->status);
    attach->opened = attach->status == 101 || attach->status == 200;
    timer_start(transfer_timers(t), &attach->head_timer, 0);
}

static void on_ended(struct transfer *t, CURLcode code)
{
    struct attach *attach = (struct attach *)t;
    struct error why;
    end_opening(attach, CALL_FAILED);
    if (attach->opened)
        error_set(&why, ERR_GONE, "the attach stream ended");
    else
        why = transfer_error(t, code == CURLE_OK ? CURLE_GOT_NOTHING : code);
    attach->events->on_closed(t->arg, &why);
}

static void on_buried(struct transfer *t)
{
    struct attach *attach = (struct attach *)t;
    timer_stop(transfer_timers(t), &attach->head_timer);
    timer_stop(transfer_timers(t), &attach->hold_timer);
    watch_stop(loop_watches(transfer_loop(t)), &attach->end_watch);
}

static void release(struct transfer *t)
{
    struct attach *attach = (struct attach *)t;
    buf_release(&attach->out);
    free(attach);
}

static const struct transfer_kind kind = {
    .on_ended = on_ended,
    .on_head_ended = on_head_ended,
    .on_buried = on_buried,
    .release = release,
};

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct attach *attach = arg;
    size_t len = size * count;
    /* Drop a body before the 101, which is an error text, and bytes after a close.
     */
    if (!attach->transfer.dead && attach->opened && len)
        attach->events->on_received(attach->transfer.arg, (const uint8_t *)data, len);
    return len;
}

static size_t on_read(char *room, size_t size, size_t count, void *arg)
{
    struct attach *attach = arg;
    size_t len = attach->out.len;
    if (attach->transfer.dead || attach->hung_up)
        return CURL_READFUNC_ABORT;
    if (len == 0) {
        attach->upload_paused = true;
        return CURL_READFUNC_PAUSE;
    }
    if (len > size * count)
        len = size * count;
    memcpy(room, buf_bytes(&attach->out).data, len);
    buf_consume(&attach->out, len);
    if (attach->out.len == 0) {
        buf_release(&attach->out);
        attach->events->on_sent(attach->transfer.arg);
    }
    return len;
}

/* Only here does libcurl reveal the socket of a transfer in progress. CURLINFO_ACTIVESOCKET does
 * not. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    struct attach *attach = arg;
    struct loop *loop = transfer_loop(&attach->transfer);
    (void)purpose;
    watch_stop(loop_watches(loop), &attach->end_watch);
    attach->end_watch = (struct watch){.fd = fd, .on_ready = on_readable, .arg = attach};
    if (!watch_start(loop_watches(loop), &attach->end_watch, POLLIN))
        log_event(LOG_ERROR, "stream_unwatched", LOG_END);
    return CURL_SOCKOPT_OK;
}

/* The upload has neither chunks nor a length: after the head, bytes are sent unchanged. */
static bool set_upgrade(struct attach *attach)
{
    struct transfer *t = &attach->transfer;
    CURL *e = t->easy;
    return transfer_add_header(t, "Connection: Upgrade") &&
           transfer_add_header(t, "Upgrade: tcp") && transfer_add_header(t, "Transfer-Encoding:") &&
           transfer_add_header(t, "Content-Length:") &&
           curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)1 << 40) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, attach) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_READDATA, attach) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, attach) == CURLE_OK;
}

struct attach *attach_open(struct transfers *transfers, const char *path, uint32_t timeout_ms,
                           const struct attach_events *events, void *arg, struct error *err)
{
    struct attach *attach = calloc(1, sizeof *attach);
    if (!attach) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    attach->events = events;
    attach->head_timer = (struct timer){.on_due = on_head_timer, .arg = attach};
    attach->hold_timer = (struct timer){.on_due = on_hold_timer, .arg = attach};
    buf_init(&attach->out, SEND_MAX_BYTES);
    bool ok = transfer_init(&attach->transfer, transfers, &kind, path, arg) && set_upgrade(attach);
    if (ok)
        timer_start(transfer_timers(&attach->transfer), &attach->head_timer, timeout_ms);
    return transfer_go(&attach->transfer, ok, err) ? attach : NULL;
}

bool attach_send(struct attach *attach, struct buf *data)
{
    if (!attach->told_opened || attach->transfer.dead || attach->out.len != 0)
        return false;
    buf_release(&attach->out);
    attach->out = buf_take(data);
    if (attach->upload_paused) {
        attach->upload_paused = false;
        apply_pauses(attach);
    }
    return true;
}

void attach_hold(struct attach *attach, bool hold)
{
    attach->is_held = hold;
    if (!attach->transfer.dead)
        timer_start(transfer_timers(&attach->transfer), &attach->hold_timer, 0);
}

void attach_measure(struct attach *attach, struct metered metered)
{
    attach->opening = metered;
}

void attach_close(struct attach *attach)
{
    meter_end(&attach->opening, CALL_CANCELED);
    transfer_bury(&attach->transfer);
}
