/* attach.h - the three standard streams of a container, over one connection to the engine.
 *
 * The request is a POST with Upgrade: tcp. Bytes that are sent before the answer, a 101, would be
 * lost, because the engine drops its read buffer when it takes over the connection. So the upload
 * stays paused in libcurl until the answer's head is complete. Knows bytes, but not the frames in
 * them (demux.h does). Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_ATTACH_H
#define MAYFLY_ATTACH_H

#include "broker/engine/meter.h"
#include "broker/engine/transfer.h"
#include "common/buf.h"

struct attach;

struct attach_events {
    void (*on_opened)(void *arg);                                    /* the 101 has arrived */
    void (*on_received)(void *arg, const uint8_t *data, size_t len); /* borrowed */
    void (*on_sent)(void *arg); /* libcurl has taken the last byte of attach_send */
    /* the last callback; `why` has kind ERR_GONE at EOF */
    void (*on_closed)(void *arg, const struct error *why);
};

/* Open a stream. Borrows events. The answer must arrive within timeout_ms; the stream itself has no
 * deadline. The result is owned by `transfers`, and valid until on_closed or attach_close.
 * on_received must use all bytes that it gets; attach_hold stops further reading. Returns NULL with
 * ERR_SYSTEM on failure. */
struct attach *attach_open(struct transfers *transfers, const char *path, uint32_t timeout_ms,
                           const struct attach_events *events, void *arg, struct error *err);
/* Let the meter of `metered` count this call: its outcome, and the time until the head of the
 * answer. Call it once, directly after attach_open. */
void attach_measure(struct attach *attach, struct metered metered);
/* Send bytes; allowed after on_opened. Takes the bytes of *data (buf_take). Returns false while an
 * earlier attach_send is in progress. */
bool attach_send(struct attach *attach, struct buf *data);
/* Stop reading, or continue, from the next turn on. The end of a held stream is not reported. While
 * a held stream has unread bytes, the engine blocks other calls about its container: close the
 * stream first. */
void attach_hold(struct attach *attach, bool hold);
void attach_close(struct attach *attach);

#endif
