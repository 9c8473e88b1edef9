/* attach.h - a container's three standard streams, as one hijacked connection with the engine.
 *
 * POST … Upgrade: tcp. Bytes sent before the 101 would be lost (the engine drops its buffered
 * reader when it hijacks), so the upload stays paused in libcurl until the answer's head has
 * ended. Knows bytes, not their frames (demux.h does). Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_ATTACH_H
#define MAYFLY_ATTACH_H

#include "broker/engine/meter.h"
#include "broker/engine/transfer.h"
#include "common/buf.h"

struct attach;

struct attach_events {
    void (*on_opened)(void *arg);                                    /* the 101 came */
    void (*on_received)(void *arg, const uint8_t *data, size_t len); /* borrowed */
    void (*on_sent)(void *arg); /* libcurl has taken the last byte of a send */
    void (*on_closed)(void *arg, const struct error *why); /* last call: EOF has kind ERR_GONE */
};

/* Open. Borrows events. The answer's head must come within timeout_ms; the stream itself has no
 * deadline here. Owned by `transfers`; good until on_closed or attach_close. on_received must take
 * all; attach_hold stops it. Fails with ERR_SYSTEM. */
struct attach *attach_open(struct transfers *transfers, const char *path, uint32_t timeout_ms,
                           const struct attach_events *events, void *arg, struct error *err);
/* Measure the time until the answer's head, and its outcome. Once, before anything else has
 * happened. */
void attach_measure(struct attach *attach, struct metered metered);
/* Send after on_opened. Takes the bytes of *data (buf_take). False while an earlier send is being
 * written. */
bool attach_send(struct attach *attach, struct buf *data);
/* Stop reading, or read on; from the next turn on. The end of a held stream is not reported. The
 * engine answers no call on a container whose stream is held with bytes in it: close it first. */
void attach_hold(struct attach *attach, bool hold);
void attach_close(struct attach *attach);

#endif
