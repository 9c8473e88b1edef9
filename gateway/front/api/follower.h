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

enum follower_kind {
    FOLLOWER_CALL,   /* of the request that began the run: "error" ends a run that did not start */
    FOLLOWER_REPLAY, /* of a request for events: "result" is the last event even then */
};

/* Answer the exchange with the events after `cursor`, which must not be at the end. */
void follower_begin(const struct call *call, struct execution *execution, enum follower_kind kind,
                    struct transcript_cursor cursor);

#endif
