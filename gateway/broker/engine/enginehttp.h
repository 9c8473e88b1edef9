/* enginehttp.h - HTTP/1.1 over the engine's Unix socket: calls with one answer, and hijacked
 * attach streams.
 *
 * libcurl's multi interface does the protocol. Knows paths and bytes, not what they mean
 * (docker.h does). Callbacks follow the four laws in loop.h. Every call has a deadline and a
 * cap on its answer.
 */
#ifndef MAYFLY_ENGINEHTTP_H
#define MAYFLY_ENGINEHTTP_H

#include "broker/loop/loop.h"
#include "broker/engine/meter.h"
#include "common/buf.h"
#include "common/error.h"

#define HTTP_ANSWER_MAX_BYTES ((size_t)8 << 20)

struct enginehttp;
struct http_call;
struct http_stream;

/* What came of a call. status 0: no answer came, and error says why (ERR_ENGINE: refused, cut
 * or malformed; ERR_TIMEOUT). body is lent for the callback's time. */
struct http_answer {
    long status;
    bool unsent; /* no connection was made */
    struct bytes body;
    struct error error;
};
typedef void http_answered(void *arg, const struct http_answer *answer);

/* Lends socket_path for its life. */
struct enginehttp *enginehttp_new(struct loop *loop, const char *socket_path, struct error *err);
/* Cancels everything that is under way. */
void enginehttp_free(struct enginehttp *http);
/* The safe point: frees what has ended. Once a turn. */
void enginehttp_sweep(struct enginehttp *http);

/* Start a call. `body` (JSON, NULL for none) is copied. The answer comes once, unless
 * cancelled. NULL with ERR_SYSTEM when it cannot be started. The call is owned by enginehttp;
 * the pointer is good until answered or cancelled. */
struct http_call *http_call_start(struct enginehttp *http, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *answered, void *arg, struct error *err);
void http_call_cancel(struct http_call *call);

/* A stream hijacked by POST … Upgrade: tcp. Bytes sent before the 101 would be lost (the engine
 * drops its buffered reader when it hijacks), so the upload stays paused in libcurl until the
 * answer's head has ended. */
struct http_stream_events {
    void (*opened)(void *arg);                                    /* the 101 came */
    void (*received)(void *arg, const uint8_t *data, size_t len); /* lent */
    void (*sent)(void *arg); /* libcurl has taken the last byte of a send */
    void (*closed)(void *arg, const struct error *why); /* last call: EOF has kind ERR_GONE */
};

/* Open. Lends events. The answer's head must come within timeout_ms; the stream itself has no
 * deadline here. Owned by enginehttp; good until closed or http_stream_close. `received` must take
 * all; http_stream_hold stops it. */
struct http_stream *http_stream_open(struct enginehttp *http, const char *path, uint32_t timeout_ms,
                                     const struct http_stream_events *events, void *arg,
                                     struct error *err);
/* Measure its opening: the time until the answer's head, and how that went. Once, before anything
 * else has happened. */
void http_stream_measure(struct http_stream *stream, struct metered metered);
/* Send after `opened`. Takes the bytes of *data (buf_take). One send may be under way at a
 * time: false otherwise. */
bool http_stream_send(struct http_stream *stream, struct buf *data);
/* Stop to read, or read on; from the next turn on. Of a held stream that ends nothing is told. The
 * engine answers no call on a container whose stream is held with bytes in it: close it first. */
void http_stream_hold(struct http_stream *stream, bool hold);
void http_stream_close(struct http_stream *stream);

#endif
