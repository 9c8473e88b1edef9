/* execution.h - a run, what it has reported so far, and its listeners.
 *
 *   begun -> (queued, running) -> finished
 *      \-- no listener is left: canceled, and freed
 *
 * An execution is a single run on the link, or several runs that a driver begins (suite.h).
 *
 * Everything that needs an execution is its listener: an exchange that waits for the answer, a
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

/* The objects that all executions share. To initialise: zero it, then set link, reactor and
 * unread.max_bytes. */
struct executions {
    struct link *link;
    struct reactor *reactor;
    struct list unfinished; /* executions that have not finished */
    bool is_stopping;       /* all are being stopped: no new execution may begin */
    /* counts the memory of unread output that the archive does not count */
    struct ledger unread;
};

/* The terms of a new execution. */
struct execution_terms {
    const struct job *job;
    enum output_encoding output_encoding;
    /* the whole RUN frame (run_spec in link.h); taken on success. NULL for a driver */
    struct buf *frame;
    uint32_t tests_count;    /* 0: not a submission with tests */
    uint64_t run_id;         /* 0: any */
    struct session *session; /* the session to which the run belongs; NULL: none */
    /* In a session: when the last caller has gone, the run is interrupted. */
    bool ends_with_caller;
};

/* A driver runs the programs of an execution that consists of several runs. It reports through
 * execution_sink, with the execution as arg, and through execution_report. */
struct driver {
    /* Cancel the running programs, and report nothing after this function has returned. If reason
     * is not NULL, first report every test that has no report yet: a test that has had a box with
     * its transcript, any other as NOT_RUN with reason (report.h) and why. If why is not NULL, it
     * is also the outcome's text of a run that is canceled here. */
    void (*on_stop)(void *arg, const char *reason, const char *why);
};

/* Send a run to the broker. In the same turn, attach a listener or call execution_drop_unheard.
 * Borrows `executions` as long as the execution lives, and `terms` for the call. Takes the frame.
 * Takes the claim, and releases it when the run has ended and no caller is attached. On failure
 * returns NULL with the errors of link_submit; frame and claim are then untouched. */
struct execution *execution_begin(struct executions *executions,
                                  const struct execution_terms *terms, struct claim *claim,
                                  struct error *err);

/* Begin an execution for a driver, which has chosen `id`. The driver may report only after this
 * function has returned. Takes the claim. Fails with ERR_BUSY when there is no space for
 * `held_bytes`, the memory that the driver holds. */
struct execution *execution_begin_driven(struct executions *executions,
                                         const struct execution_terms *terms, uint64_t id,
                                         const struct driver *driver, void *arg, size_t held_bytes,
                                         struct claim *claim, struct error *err);

/* ---- reports of a driver; the last comes by on_end, by on_refused or within on_stop ---- */

extern const struct run_sink execution_sink;
void execution_report(struct execution *execution, struct report *report); /* takes it */
/* Note that the driver now holds this much memory, which must not be more than before. */
void execution_hold(struct execution *execution, size_t held_bytes);

/* ---- listeners ---- */

void execution_attach(struct execution *execution, struct listener *listener);
/* Detach the listener, which is not called any more. When the last listener detaches, an unfinished
 * run is canceled. No-op if it is not attached. */
void execution_detach(struct listener *listener);
/* Cancel and free an execution that has no listener; otherwise a no-op. */
void execution_drop_unheard(struct execution *execution);

/* Returns the transcript, valid until the last listener has detached. */
const struct transcript *execution_transcript(const struct execution *execution);
bool execution_is_finished(const struct execution *execution);

/* Move the transcript of a finished execution to *to. The caller counts its memory from now on. */
void execution_yield(struct execution *execution, struct transcript *to);

/* End an unfinished run. A cell of a session is only interrupted, and ends later. is_withdrawn: the
 * transcript also notes that the client has withdrawn its request, and wants no answer. */
void execution_stop(struct execution *execution, bool is_withdrawn);
/* The same, for a client that may still want the answer, which says that the run was canceled. */
static inline void execution_cancel(struct execution *execution)
{
    execution_stop(execution, false);
}

/* Returns the execution of a turn in a session. */
struct execution *execution_of_turn(const struct session_turn *turn);

/* Take the memory of a finished execution out of `unread`, because the archive counts it from now
 * on. execution_unshelve puts it back, for the listeners that remain. */
void execution_shelve(struct execution *execution);
void execution_unshelve(struct execution *execution);

/* A label by which a client can end its run with another request. It must contain everything that
 * distinguishes this client from others. */
#define EXECUTION_LABEL_BYTES 32
void execution_set_label(struct execution *execution, const uint8_t label[EXECUTION_LABEL_BYTES]);
/* Find the unfinished execution with this label; valid for this turn. Returns NULL if there is
 * none. Returns NULL also if there are several, because the label does not say which one to end. */
struct execution *executions_find(const struct executions *executions,
                                  const uint8_t label[EXECUTION_LABEL_BYTES]);

/* Cancel all unfinished runs, because the gateway is stopping. A run that had started ends as
 * "failed"; the others are refused. */
void executions_stop_all(struct executions *executions);

#endif
