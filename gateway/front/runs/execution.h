/* execution.h - a run, its transcript so far, and its listeners.
 *
 *   begun -> (queued, running) -> finished
 *      \-- no listener is left: canceled, and freed
 *
 * The run is the link's, or that of a driver, which runs several programs for it (suite.h).
 *
 * Everything that needs an execution is a listener of it: an exchange that waits for the answer, a
 * stream of events, the archive. An execution lives as long as it has a listener. Knows neither
 * HTTP nor h2o.
 */
#ifndef MAYFLY_EXECUTION_H
#define MAYFLY_EXECUTION_H

#include "common/ledger.h"
#include "common/list.h"
#include "front/keys/account.h"
#include "front/reactor.h"
#include "front/runs/link.h"
#include "front/runs/listeners.h"
#include "front/runs/sessions.h"
#include "front/runs/transcript.h"

/* All executions, and the objects that they share. To initialise: zero it, then set link,
 * reactor and unread.max_bytes. */
struct executions {
    struct link *link;
    struct reactor *reactor;
    struct list unfinished; /* the executions whose run has not ended */
    bool is_stopping;       /* they are stopped: no other begins meanwhile */
    struct ledger unread;   /* memory of output that is neither read nor kept yet */
};

/* The terms of one execution: its job, and the frame that sends it. */
struct execution_terms {
    const struct job *job;
    enum output_encoding output_encoding;
    struct buf *frame;       /* the whole RUN, as run_spec's; taken on success. NULL for a driver */
    uint32_t tests_count;    /* 0: it is no submission with tests */
    uint64_t run_id;         /* 0: any */
    struct session *session; /* the run is one of it; NULL: of none */
    /* In a session: when the last caller has gone, the run is interrupted. */
    bool ends_with_caller;
};

/* A driver runs the programs of an execution that is no single run: it reports to execution_sink,
 * with the execution as its arg, and to execution_report. */
struct driver {
    /* Cancel what runs, and make no call of this execution after that. Report first what has become
     * of it, and what has not run: for this reason (report.h), and why; NULL: report nothing. */
    void (*on_stop)(void *arg, const char *reason, const char *why);
};

/* Send a run to the broker. Attach a listener, or call execution_drop_unheard, in the same turn.
 * Borrows `executions` until the execution has gone, and `terms` for the call. Takes the frame.
 * Takes the claim, and releases it when the run has ended and no caller is attached. Fails as
 * link_submit does; frame and claim are then untouched. */
struct execution *execution_begin(struct executions *executions,
                                  const struct execution_terms *terms, struct claim *claim,
                                  struct error *err);

/* The same for a driver, whose word after this call is the first. The id is its to choose. Takes
 * the claim. Fails with ERR_BUSY when there is no room for `held_bytes` of what the driver keeps.
 */
struct execution *execution_begin_driven(struct executions *executions,
                                         const struct execution_terms *terms, uint64_t id,
                                         const struct driver *driver, void *arg, size_t held_bytes,
                                         struct claim *claim, struct error *err);

/* ---- a driver's words: after on_end, on_refused or its on_stop it says no more ---- */

extern const struct run_sink execution_sink;
void execution_report(struct execution *execution, struct report *report); /* takes it */
/* The driver keeps so many bytes now, which are no more than before. */
void execution_hold(struct execution *execution, size_t held_bytes);

/* ---- listeners ---- */

void execution_attach(struct execution *execution, struct listener *listener);
/* The listener is not called any more. The last listener to leave an unfinished run cancels it. A
 * no-op on a listener that is not attached. */
void execution_detach(struct listener *listener);
/* Cancel and free an execution that has no listener; otherwise a no-op. */
void execution_drop_unheard(struct execution *execution);

/* Valid until its last listener has left. */
const struct transcript *execution_transcript(const struct execution *execution);
bool execution_is_finished(const struct execution *execution);

/* Move the transcript of a finished execution to *to, which counts its memory from now on. */
void execution_yield(struct execution *execution, struct transcript *to);

/* execution_cancel; or the caller has withdrawn the call, and wants no answer. */
void execution_stop(struct execution *execution, bool is_withdrawn);
/* End an unfinished run: the answer says that it was canceled. A cell of a session is interrupted
 * instead, and ends later. */
static inline void execution_cancel(struct execution *execution)
{
    execution_stop(execution, false);
}

/* Returns the execution of a turn in a session. */
struct execution *execution_of_turn(const struct session_turn *turn);

/* The archive counts the memory of a finished execution from now on, and `unread` does not. After
 * execution_unshelve `unread` counts it again, if listeners are left. */
void execution_shelve(struct execution *execution);
void execution_unshelve(struct execution *execution);

/* A name that a client may end its run by, in a request of its own. It is made of all that tells
 * this client apart from others. */
#define EXECUTION_LABEL_BYTES 32
void execution_set_label(struct execution *execution, const uint8_t label[EXECUTION_LABEL_BYTES]);
/* Find the unfinished execution with this label, valid for this turn. NULL: there is none, or more
 * than one, of which nobody knows which is meant. */
struct execution *executions_find(const struct executions *executions,
                                  const uint8_t label[EXECUTION_LABEL_BYTES]);

/* The gateway stops now. Cancel every unfinished run: a run that had started ends as "failed", any
 * other is refused. */
void executions_stop_all(struct executions *executions);

#endif
