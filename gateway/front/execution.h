/* execution.h - a run, what it has said so far, and those who listen to it.
 *
 *   begun -> (queued, running) -> over
 *      \-- nobody listens any more: cancelled, and gone
 *
 * Whoever wants something of an execution is a listener of it: an exchange that waits for its
 * answer, a stream of its events, the archive that keeps it for later. It lives as long as it has
 * one. Knows neither HTTP nor h2o.
 */
#ifndef MAYFLY_EXECUTION_H
#define MAYFLY_EXECUTION_H

#include "front/service.h"
#include "front/transcript.h"

struct execution;

/* Embedded in its owner. Zero-initialised plus on_said is one that is not attached. */
struct listener {
    /* The transcript has more, or is over. The listener may detach, itself and others. */
    void (*on_said)(struct listener *listener);
    /* The memory of what it reads is needed: it is to detach soon, not within the call, and not to
     * read any more. NULL: it reads nothing. */
    void (*on_evicted)(struct listener *listener);
    /* For how long it has let what it reads wait, in ms (exchange_slow_ms). As on_evicted, NULL. */
    uint64_t (*slow_ms)(const struct listener *listener);
    bool is_caller; /* the answer is its: the run's place is taken until it has detached */
    struct execution *execution; /* NULL: not attached */
    struct node node;
};

/* Send the request's run to the broker: `frame` is its whole RUN, taken on success. Attach a
 * listener, or call execution_settle, in the same turn. Takes the claim, which is then given back
 * when the run has ended and no caller is attached; not when it fails, as link_submit does. */
struct execution *execution_begin(struct service *service, const struct request *request,
                                  struct buf *frame, struct claim *claim, struct error *err);

void execution_attach(struct execution *execution, struct listener *listener);
/* Silence. The last one to leave a run that goes cancels it. Fine on one that is not attached. */
void execution_detach(struct listener *listener);
/* The end of an execution that nobody listens to; else nothing. */
void execution_settle(struct execution *execution);

/* Lent until its last listener has left. */
const struct transcript *execution_transcript(const struct execution *execution);
bool execution_is_over(const struct execution *execution);

/* End its run, if it goes: the answer says that it was canceled. */
void execution_cancel(struct execution *execution);

/* Somebody else counts the memory of an execution that is over: service->unread does not. Or does
 * again, if listeners are left. */
void execution_shelve(struct execution *execution);
void execution_unshelve(struct execution *execution);

/* The gateway stops now: cancel every run that still goes, and say what is true of it: "failed"
 * when it had started, else refused. */
void executions_stop_all(struct service *service);

#endif
