/* follower.h - an exchange that follows an execution as a stream of events, from its beginning or
 * from any entry on, to its end.
 *
 * It reads the transcript as its client takes it, so a slow client costs a piece of text and delays
 * nobody. When its client hangs up it leaves, and the execution ends with it where nobody else
 * listens.
 */
#ifndef MAYFLY_FOLLOWER_H
#define MAYFLY_FOLLOWER_H

#include "front/api/call.h"
#include "front/runs/execution.h"

enum follower_kind {
    FOLLOWER_CALL, /* asked for the run itself: one that did not start ends in the event "error" */
    FOLLOWER_REPLAY, /* asks what an execution says: that is a "result" too */
};

/* Answer the exchange with the events after `cursor`, which is not at the end. */
void follower_begin(const struct call *call, struct execution *execution, enum follower_kind kind,
                    struct transcript_cursor cursor);

#endif
