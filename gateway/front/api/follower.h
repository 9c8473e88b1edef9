/* follower.h - streams an execution to a client as events: from its beginning, or after a given
 * entry, to its end.
 *
 * It reads the transcript at the client's speed. So a slow client needs no more memory than one
 * portion of text, and delays nobody else. When the client hangs up, the follower detaches. An
 * execution without other listeners is then canceled.
 */
#ifndef MAYFLY_FOLLOWER_H
#define MAYFLY_FOLLOWER_H

#include "front/api/call.h"
#include "front/runs/execution.h"
#include "front/runs/rendering.h"

enum follower_kind {
    /* for the request that began the run: if the run did not start, the last event is "error" */
    FOLLOWER_CALL,
    FOLLOWER_REPLAY, /* for a request for events: the last event is always "result" */
};

/* Answer the exchange with the events after `cursor`, which must not be at the end. */
void follower_begin(const struct call *call, struct execution *execution, enum follower_kind kind,
                    struct transcript_cursor cursor);

/* The functions by which a dialect writes the events of a run. The struct must be static. Each
 * function may append up to FOLLOWER_EVENT_MAX_BYTES to out. It returns false when memory is
 * out. */
#define FOLLOWER_EVENT_MAX_BYTES ((size_t)4096)
struct follower_terms {
    /* Append the event for an entry, if the dialect has one. For a large event, append only its
     * beginning and set *data to an unfinished rendering: the follower writes that, and then
     * sse_close. */
    bool (*put_entry)(void *arg, struct buf *out, const struct transcript *transcript,
                      const struct said *said, struct rendering *data);
    /* Append a keep-alive. Called every beat_ms, between two events. */
    bool (*put_beat)(void *arg, struct buf *out, const struct transcript *transcript);
    uint32_t beat_ms;
    void (*release)(void *arg); /* called when the last event was sent or the client has gone */
};

/* Like follower_begin with FOLLOWER_CALL, but the events are written by `terms`. Borrows terms for
 * the life of the process; takes arg. */
void follower_begin_in(const struct call *call, struct execution *execution,
                       const struct follower_terms *terms, void *arg);

#endif
