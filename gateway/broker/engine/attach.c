/* Streams of enginehttp.h: a POST that never ends its upload.
 *
 *   OPENING --(101's head ends)--> OPEN, upload paused --(send)--> sending --(taken)--> paused …
 *      \_______________________________\_____ EOF, error, close ______/
 *
 * libcurl reads an EOF but does not end a transfer whose upload is paused, be it within the
 * answer's head. So the socket is watched beside it: when a peek, after libcurl has had its
 * turn, finds the end, the upload is resumed and aborts the transfer.
 */
#include "broker/engine/transfer.h"
#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SEND_MAX_BYTES (((size_t)32 << 20) + 4096)

struct http_stream {
    struct transfer transfer; /* first */
    struct buf out;
    long status; /* of the answer's head; libcurl takes one without any: 0 */
    bool has_head, opened, told_opened, upload_paused;
    bool hung_up;
    bool is_held;            /* http_stream_hold */
    struct timer hold_timer; /* carries a hold or its end out, outside of libcurl's callbacks */
    struct watch end_watch;
    struct metered opening;
    struct timer head_timer; /* the 101's deadline; then used once, at 0 ms, to tell `opened` */
    const struct http_stream_events *events;
};

static void on_readable(void *arg, short events)
{
    struct http_stream *stream = arg;
    char byte;
    (void)events;
    ssize_t seen = recv(stream->end_watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen > 0 || (seen < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    stream->hung_up = true;
    loop_unwatch(transfer_loop(&stream->transfer), &stream->end_watch);
    curl_easy_pause(stream->transfer.easy, CURLPAUSE_CONT);
}

/* Which directions libcurl is to leave alone. */
static void apply_pauses(struct http_stream *stream)
{
    curl_easy_pause(stream->transfer.easy, (stream->is_held ? CURLPAUSE_RECV : 0) |
                                               (stream->upload_paused ? CURLPAUSE_SEND : 0));
}

/* What a held stream's socket has for us would wake the loop again and again. */
static void on_hold_timer(void *arg)
{
    struct http_stream *stream = arg;
    stream->end_watch.events = stream->is_held ? 0 : POLLIN;
    apply_pauses(stream);
}

/* By its answer's head, or as `without_head` says. */
static void end_opening(struct http_stream *stream, enum call_outcome without_head)
{
    meter_end(&stream->opening,
              stream->has_head ? meter_outcome(stream->status, ERR_NONE) : without_head);
}

static void on_head_timer(void *arg)
{
    struct http_stream *stream = arg;
    end_opening(stream, CALL_TIMEOUT);
    if (stream->opened) {
        stream->told_opened = true;
        stream->events->opened(stream->transfer.arg);
        return;
    }
    struct error why;
    if (stream->has_head)
        error_set(&why, ERR_ENGINE, "attach was answered with status %ld", stream->status);
    else
        error_set(&why, ERR_TIMEOUT, "attach was not answered in time");
    transfer_bury(&stream->transfer);
    stream->events->closed(stream->transfer.arg, &why);
}

/* Inside libcurl's callback, where no new call could be started: what the head says is told by
 * the timer, in this very turn. A refusal is not waited out: under a paused upload libcurl
 * would never end it. */
static void stream_head_ended(struct transfer *t)
{
    struct http_stream *stream = (struct http_stream *)t;
    if (stream->has_head)
        return;
    stream->has_head = true;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &stream->status);
    stream->opened = stream->status == 101 || stream->status == 200;
    timer_start(transfer_loop(t), &stream->head_timer, 0);
}

static void stream_ended(struct transfer *t, CURLcode code)
{
    struct http_stream *stream = (struct http_stream *)t;
    struct error why;
    end_opening(stream, CALL_FAILED);
    if (stream->opened)
        error_set(&why, ERR_GONE, "the attach stream ended");
    else
        why = transfer_error(t, code == CURLE_OK ? CURLE_GOT_NOTHING : code);
    stream->events->closed(t->arg, &why);
}

static void stream_buried(struct transfer *t)
{
    struct http_stream *stream = (struct http_stream *)t;
    timer_stop(transfer_loop(t), &stream->head_timer);
    timer_stop(transfer_loop(t), &stream->hold_timer);
    loop_unwatch(transfer_loop(t), &stream->end_watch);
}

static void stream_release(struct transfer *t)
{
    struct http_stream *stream = (struct http_stream *)t;
    buf_release(&stream->out);
    free(stream);
}

static const struct transfer_kind stream_kind = {
    .ended = stream_ended,
    .head_ended = stream_head_ended,
    .release = stream_release,
    .buried = stream_buried,
};

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct http_stream *stream = arg;
    size_t len = size * count;
    /* Before the 101 a body is an error's text; after a close it is nobody's. Taken and
     * dropped, both. */
    if (!stream->transfer.dead && stream->opened && len)
        stream->events->received(stream->transfer.arg, (const uint8_t *)data, len);
    return len;
}

static size_t on_read(char *room, size_t size, size_t count, void *arg)
{
    struct http_stream *stream = arg;
    size_t len = stream->out.len;
    if (stream->transfer.dead || stream->hung_up)
        return CURL_READFUNC_ABORT;
    if (len == 0) {
        stream->upload_paused = true;
        return CURL_READFUNC_PAUSE;
    }
    if (len > size * count)
        len = size * count;
    memcpy(room, buf_bytes(&stream->out).data, len);
    buf_consume(&stream->out, len);
    if (stream->out.len == 0) {
        buf_release(&stream->out);
        stream->events->sent(stream->transfer.arg);
    }
    return len;
}

/* The one moment at which libcurl tells the socket of a transfer that goes on
 * (CURLINFO_ACTIVESOCKET does not). */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    struct http_stream *stream = arg;
    struct loop *loop = transfer_loop(&stream->transfer);
    (void)purpose;
    loop_unwatch(loop, &stream->end_watch);
    stream->end_watch =
        (struct watch){.fd = fd, .events = POLLIN, .ready = on_readable, .arg = stream};
    if (!loop_watch(loop, &stream->end_watch))
        log_event(LOG_ERROR, "stream_unwatched", LOG_END);
    return CURL_SOCKOPT_OK;
}

/* An upload without chunks and of no stated length: after the head the bytes go out as they are. */
static bool set_upgrade(struct http_stream *stream)
{
    struct transfer *t = &stream->transfer;
    CURL *e = t->easy;
    return transfer_add_header(t, "Connection: Upgrade") &&
           transfer_add_header(t, "Upgrade: tcp") && transfer_add_header(t, "Transfer-Encoding:") &&
           transfer_add_header(t, "Content-Length:") &&
           curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)1 << 40) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, stream) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_READDATA, stream) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, stream) == CURLE_OK;
}

struct http_stream *http_stream_open(struct enginehttp *http, const char *path, uint32_t timeout_ms,
                                     const struct http_stream_events *events, void *arg,
                                     struct error *err)
{
    struct http_stream *stream = calloc(1, sizeof(*stream));
    if (!stream) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    stream->events = events;
    stream->head_timer = (struct timer){.fire = on_head_timer, .arg = stream};
    stream->hold_timer = (struct timer){.fire = on_hold_timer, .arg = stream};
    buf_init(&stream->out, SEND_MAX_BYTES);
    bool ok = transfer_init(&stream->transfer, http, &stream_kind, path, arg) &&
              set_upgrade(stream) &&
              timer_start(transfer_loop(&stream->transfer), &stream->head_timer, timeout_ms);
    return transfer_go(&stream->transfer, ok, err) ? stream : NULL;
}

bool http_stream_send(struct http_stream *stream, struct buf *data)
{
    if (!stream->told_opened || stream->transfer.dead || stream->out.len != 0)
        return false;
    buf_release(&stream->out);
    stream->out = buf_take(data);
    if (stream->upload_paused) {
        stream->upload_paused = false;
        apply_pauses(stream);
    }
    return true;
}

void http_stream_hold(struct http_stream *stream, bool hold)
{
    stream->is_held = hold;
    if (!stream->transfer.dead)
        timer_start(transfer_loop(&stream->transfer), &stream->hold_timer, 0);
}

void http_stream_measure(struct http_stream *stream, struct metered metered)
{
    stream->opening = metered;
}

void http_stream_close(struct http_stream *stream)
{
    meter_end(&stream->opening, CALL_CANCELED);
    transfer_bury(&stream->transfer);
}
