/* follower.h - an exchange that follows an execution as a stream of events, from its beginning or
 * from any entry on, to its end.
 *
 * It reads the transcript at the client's speed, so a slow client costs one portion of text and
 * delays nobody. When the client hangs up, the follower detaches, and an execution without other
 * listeners is canceled.
 */
#ifndef MAYFLY_FOLLOWER_H
#define MAYFLY_FOLLOWER_H

#include "front/api/call.h"
#include "front/runs/execution.h"
#include "front/runs/rendering.h"

enum follower_kind {
    FOLLOWER_CALL,   /* of the request that began the run: "error" ends a run that did not start */
    FOLLOWER_REPLAY, /* of a request for events: "result" is the last event even then */
};

/* Answer the exchange with the events after `cursor`, which must not be at the end. */
void follower_begin(const struct call *call, struct execution *execution, enum follower_kind kind,
                    struct transcript_cursor cursor);

/* How a dialect tells of a run. Static. Each function may append up to FOLLOWER_EVENT_MAX_BYTES to
 * out, and returns false on no memory. */
#define FOLLOWER_EVENT_MAX_BYTES ((size_t)4096)
struct follower_terms {
    /* Put the event of an entry, if it has one. Or put its beginning, and set *data to what comes
     * between it and its end (sse_close): a rendering that is not finished. */
    bool (*put_entry)(void *arg, struct buf *out, const struct transcript *transcript,
                      const struct said *said, struct rendering *data);
    /* Put a sign of life: it is called each beat_ms, between two events. */
    bool (*put_beat)(void *arg, struct buf *out, const struct transcript *transcript);
    uint32_t beat_ms;
    void (*release)(void *arg); /* the last event has been sent, or the client has gone */
};

/* The same for a caller in a dialect. Borrows terms for the life of the process; takes arg. */
void follower_begin_in(const struct call *call, struct execution *execution,
                       const struct follower_terms *terms, void *arg);

#endif
