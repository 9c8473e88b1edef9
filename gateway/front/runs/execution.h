/* execution.h - a run, its transcript so far, and those who listen to it.
 *
 *   begun -> (queued, running) -> finished
 *      \-- nobody listens any more: canceled, and freed
 *
 * Whoever wants something of an execution is a listener of it: an exchange that waits for its
 * answer, a stream of its events, the archive that keeps it for later. It lives as long as it has
 * one. Knows neither HTTP nor h2o.
 */
#ifndef MAYFLY_EXECUTION_H
#define MAYFLY_EXECUTION_H

#include "common/ledger.h"
#include "common/list.h"
#include "front/keys/account.h"
#include "front/reactor.h"
#include "front/runs/link.h"
#include "front/runs/transcript.h"

struct execution;

/* The executions, and what they share. Zero-initialised plus link, reactor and unread.max_bytes is
 * valid. */
struct executions {
    struct link *link;
    struct reactor *reactor;
    struct list unfinished; /* the executions whose run has not ended */
    struct ledger unread;   /* what runs have said, until it is read or kept */
};

/* The terms of one execution: its job, and how that is sent. */
struct execution_terms {
    const struct job *job;
    enum output_encoding output_encoding;
    struct buf *frame; /* the whole RUN, as run_spec's; taken on success */
};

/* Embedded in its owner. Zero-initialised plus on_said is one that is not attached. */
struct listener {
    /* The transcript has more, or is finished. The listener may detach, itself and others. */
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

/* Send a run to the broker. Attach a listener, or call execution_drop_unheard, in the same turn.
 * Lends `executions` until the execution has gone, and `terms` for the call. Takes the frame; takes
 * the claim, and gives it back when the run has ended and no caller is attached. Fails as
 * link_submit does; frame and claim are then untouched. */
struct execution *execution_begin(struct executions *executions,
                                  const struct execution_terms *terms, struct claim *claim,
                                  struct error *err);

void execution_attach(struct execution *execution, struct listener *listener);
/* No call follows. The last listener to leave an unfinished run cancels it. A no-op on a listener
 * that is not attached. */
void execution_detach(struct listener *listener);
/* Cancel and free an execution that nobody listens to; otherwise a no-op. */
void execution_drop_unheard(struct execution *execution);

/* Lent until its last listener has left. */
const struct transcript *execution_transcript(const struct execution *execution);
bool execution_is_finished(const struct execution *execution);

/* End an unfinished run: the answer says that it was canceled. */
void execution_cancel(struct execution *execution);

/* Somebody else counts the memory of a finished execution, so `unread` does not; or does again, if
 * listeners are left. */
void execution_shelve(struct execution *execution);
void execution_unshelve(struct execution *execution);

/* A name that a client may end its run by, in a request of its own. It is made of all that tells
 * this client apart from others. */
#define EXECUTION_LABEL_BYTES 32
void execution_set_label(struct execution *execution, const uint8_t label[EXECUTION_LABEL_BYTES]);
/* Find the unfinished execution with this label, lent for this turn. NULL: there is none, or more
 * than one, of which nobody knows which is meant. */
struct execution *executions_find(const struct executions *executions,
                                  const uint8_t label[EXECUTION_LABEL_BYTES]);

/* The gateway stops now: cancel every unfinished run, and say what is true of it: "failed" when it
 * had started, otherwise refused. */
void executions_stop_all(struct executions *executions);

#endif
