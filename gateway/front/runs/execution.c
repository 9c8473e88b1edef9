/* One subject of more than 400 lines: the listeners, the events of the run, and all ways to end. */
#include "front/runs/execution.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "front/http/problem.h"

#define STOPPING_RETRY_MS 5000
/* The front gives up on a run this long after the broker should have ended it: after queue_timeout
 * plus timeout. */
#define OVERDUE_GRACE_MS 15000

struct execution {
    struct executions *all;
    struct node unfinished; /* on all->unfinished until it has finished */
    struct transcript transcript;
    struct claim claim;  /* on its owner's account, until it has finished and its answer was read */
    struct stake unread; /* in all->unread */
    const struct driver *driver; /* NULL: the run is the link's, or has ended */
    void *driver_arg;
    size_t held_bytes;                    /* memory that the driver holds */
    uint64_t started_ns;                  /* 0: not started */
    uint8_t label[EXECUTION_LABEL_BYTES]; /* zeroed: it has none */
    struct timer overdue;
    struct listeners listeners;
    struct session_turn turn; /* zeroed if the run is in no session */
    bool ends_with_caller;
    bool is_shelved;          /* the archive counts its memory */
    unsigned notifying_depth; /* above 0: do not free it yet */
};

/* ---- listeners ---- */

static void execution_free(struct execution *execution)
{
    node_remove(&execution->unfinished);
    timer_stop(&execution->all->reactor->timers, &execution->overdue);
    claim_end(&execution->claim, clock_now_ms());
    ledger_leave(&execution->unread);
    session_turn_leave(&execution->turn);
    transcript_release(&execution->transcript);
    free(execution);
}

bool execution_is_finished(const struct execution *execution)
{
    return execution->transcript.state != TRANSCRIPT_UNFINISHED;
}

/* Cancel the run or runs. A driver may still report (driver.on_stop). */
static void stop_run(struct execution *execution, const char *reason, const char *why)
{
    const struct driver *driver = execution->driver;
    if (!driver) {
        link_cancel(execution->all->link, execution->transcript.run_id);
        return;
    }
    execution->notifying_depth++;
    driver->on_stop(execution->driver_arg, reason, why);
    execution->notifying_depth--;
    execution->driver = NULL;
    execution->held_bytes = 0;
}

void execution_drop_unheard(struct execution *execution)
{
    if (execution->listeners.list.count > 0 || execution->notifying_depth > 0)
        return;
    if (!execution_is_finished(execution))
        stop_run(execution, NULL, NULL);
    execution_free(execution);
}

/* Release the claim when the run has ended and no caller is left. It is held that long because
 * otherwise a key with a limit of one run could hold any number of unread answers. */
static void give_place_back(struct execution *execution)
{
    if (execution_is_finished(execution) && !listeners_have_caller(&execution->listeners))
        claim_end(&execution->claim, clock_now_ms());
}

void execution_attach(struct execution *execution, struct listener *listener)
{
    listener->execution = execution;
    listeners_add(&execution->listeners, listener);
}

/* Interrupt the run. Its END comes in any case. */
static void interrupt(struct execution *execution)
{
    execution->turn.was_interrupted = true;
    link_interrupt(execution->all->link, execution->transcript.run_id);
}

void execution_detach(struct listener *listener)
{
    struct execution *execution = listener->execution;
    if (!execution)
        return;
    listeners_remove(&execution->listeners, listener);
    listener->execution = NULL;
    give_place_back(execution);
    if (execution->ends_with_caller && listener->is_caller && execution->turn.session &&
        !listeners_have_caller(&execution->listeners))
        interrupt(execution);
    execution_drop_unheard(execution);
}

/* The execution is not freed before all listeners have been called. */
static void notify_all(struct execution *execution)
{
    execution->notifying_depth++;
    listeners_tell(&execution->listeners);
    execution->notifying_depth--;
    execution_drop_unheard(execution);
}

/* ---- events of the run ---- */

/* Returns true if `more` bytes of output may be added. Other runs may be ended for this. */
static bool has_room(struct execution *execution, size_t more)
{
    return ledger_grow(&execution->unread, transcript_bytes(&execution->transcript) + more);
}

/* Record how much memory the transcript uses. Its buffers may grow by more than was added, or not
 * at all. */
static void note_memory(struct execution *execution)
{
    if (!execution->is_shelved)
        ledger_note(&execution->unread,
                    transcript_bytes(&execution->transcript) + execution->held_bytes);
}

/* Call this after the transcript has ended. */
static void finish(struct execution *execution)
{
    execution->driver = NULL;
    execution->held_bytes = 0;
    node_remove(&execution->unfinished);
    timer_stop(&execution->all->reactor->timers, &execution->overdue);
    session_turn_leave(&execution->turn);
    give_place_back(execution);
    notify_all(execution);
}

static void on_paired(void *arg, uint64_t queue_ns, enum start start)
{
    struct execution *execution = arg;
    transcript_pair(&execution->transcript, queue_ns, start);
    claim_pair(&execution->claim);
}

static void on_started(void *arg, bool cold)
{
    struct execution *execution = arg;
    execution->started_ns = clock_now_ns();
    transcript_start(&execution->transcript, cold);
    notify_all(execution);
}

static void on_output(void *arg, enum wire_stream stream, struct bytes data)
{
    struct execution *execution = arg;
    execution->notifying_depth++;
    if (has_room(execution, data.len) && !execution_is_finished(execution))
        transcript_add_output(&execution->transcript, stream, data);
    else if (!execution_is_finished(execution))
        transcript_leave_out_output(&execution->transcript, stream);
    note_memory(execution);
    execution->notifying_depth--;
    notify_all(execution);
}

static void on_artifact(void *arg, enum wire_type type, const struct artifact *artifact)
{
    struct execution *execution = arg;
    execution->notifying_depth++;
    bool has_memory = has_room(execution, artifact->content.len);
    if (has_memory && !execution_is_finished(execution) && artifact_is_error(artifact))
        transcript_set_error(&execution->transcript, artifact->content);
    else if (has_memory && !execution_is_finished(execution))
        transcript_add_artifact(&execution->transcript, type, artifact);
    else if (!execution_is_finished(execution))
        transcript_leave_out_artifact(&execution->transcript, type);
    note_memory(execution);
    execution->notifying_depth--;
    notify_all(execution);
}

void execution_report(struct execution *execution, struct report *report)
{
    transcript_add_report(&execution->transcript, report);
    note_memory(execution);
    notify_all(execution);
}

void execution_hold(struct execution *execution, size_t held_bytes)
{
    execution->held_bytes = held_bytes;
    note_memory(execution);
}

static void on_end(void *arg, const struct outcome *outcome)
{
    struct execution *execution = arg;
    session_turn_end(&execution->turn, outcome, &execution->transcript.session);
    transcript_end(&execution->transcript, outcome);
    finish(execution);
}

static void on_refused(void *arg, const struct error *why, uint32_t retry_ms)
{
    struct execution *execution = arg;
    session_turn_end(&execution->turn, NULL, &execution->transcript.session);
    transcript_refuse(&execution->transcript, why, retry_ms);
    finish(execution);
}

const struct run_sink execution_sink = {
    .on_paired = on_paired,
    .on_started = on_started,
    .on_output = on_output,
    .on_artifact = on_artifact,
    .on_end = on_end,
    .on_refused = on_refused,
};

/* ---- ends without a report of the run ---- */

/* Returns for how long the program has run, as far as the front knows. */
static uint64_t ran_ns(const struct execution *execution)
{
    return execution->started_ns ? clock_now_ns() - execution->started_ns : 0;
}

/* End the transcript with the known facts, because no more events of the run will come. */
static void end_lost(struct execution *execution, enum error_kind kind, const char *why)
{
    if (execution->transcript.has_box) {
        struct outcome lost = {.verdict = VERDICT_LOST, .wall_ns = ran_ns(execution)};
        snprintf(lost.text, sizeof lost.text, "%s", why);
        transcript_end(&execution->transcript, &lost);
    } else {
        struct error error;
        error_set(&error, kind, "%s", why);
        transcript_refuse(&execution->transcript, &error, STOPPING_RETRY_MS);
    }
    finish(execution);
}

static void give_up(struct execution *execution, enum error_kind kind, const char *why)
{
    stop_run(execution, "not_started", why);
    end_lost(execution, kind, why);
}

static void on_overdue(void *arg)
{
    give_up(arg, ERR_ENGINE, "The broker did not report on the run in time");
}

void executions_stop_all(struct executions *executions)
{
    executions->is_stopping = true;
    for (struct execution *execution; (execution = list_take(&executions->unfinished));)
        give_up(execution, ERR_DRAINING, "The gateway stopped before the run had ended");
    executions->is_stopping = false;
}

void execution_stop(struct execution *execution, bool is_withdrawn)
{
    if (execution_is_finished(execution))
        return;
    execution->transcript.is_withdrawn |= is_withdrawn;
    if (execution->turn.session && execution->turn.is_cell) {
        interrupt(execution);
        return;
    }
    stop_run(execution, "canceled", NULL);
    transcript_cancel(&execution->transcript, ran_ns(execution));
    finish(execution);
}

void execution_set_label(struct execution *execution, const uint8_t label[EXECUTION_LABEL_BYTES])
{
    memcpy(execution->label, label, EXECUTION_LABEL_BYTES);
}

struct execution *executions_find(const struct executions *executions,
                                  const uint8_t label[EXECUTION_LABEL_BYTES])
{
    struct execution *found = NULL;
    for (struct execution *each = list_first(&executions->unfinished); each;
         each = node_next(&each->unfinished)) {
        if (memcmp(each->label, label, EXECUTION_LABEL_BYTES) != 0)
            continue;
        if (found)
            return NULL;
        found = each;
    }
    return found;
}

/* ---- memory ---- */

static struct execution *execution_of(const struct stake *stake)
{
    return (struct execution *)((char *)stake - offsetof(struct execution, unread));
}

/* Returns for how long the readers have let the output wait. The quickest reader counts. */
static uint64_t waited_ms(const struct stake *stake)
{
    const struct execution *execution = execution_of(stake);
    uint64_t least_ms = listeners_slow_ms(&execution->listeners);
    return least_ms != UINT64_MAX && execution_is_finished(execution) ? least_ms : 0;
}

/* End the run or, if it has ended, its readers. The ledger has removed the stake already. */
static void on_give_way(struct stake *stake)
{
    struct execution *execution = execution_of(stake);
    listeners_evict(&execution->listeners);
    if (execution_is_finished(execution))
        return;
    stop_run(execution, NULL, NULL);
    transcript_release(&execution->transcript);
    transcript_leave_out_output(&execution->transcript, WIRE_STDOUT);
    transcript_leave_out_output(&execution->transcript, WIRE_STDERR);
    end_lost(execution, ERR_BUSY, "The gateway had no memory left for the program's output");
}

void execution_shelve(struct execution *execution)
{
    execution->is_shelved = true;
    ledger_note(&execution->unread, 0);
}

void execution_unshelve(struct execution *execution)
{
    execution->is_shelved = false;
    note_memory(execution);
}

/* ---- its beginning ---- */

static struct execution *execution_new(struct executions *all, const struct execution_terms *terms)
{
    struct execution *execution = calloc(1, sizeof *execution);
    if (!execution)
        return NULL;
    execution->all = all;
    execution->unread = (struct stake){.waited_ms = waited_ms, .on_give_way = on_give_way};
    execution->overdue = (struct timer){.on_due = on_overdue, .arg = execution};
    node_init(&execution->unfinished, execution);
    transcript_init(&execution->transcript, terms->job, terms->output_encoding);
    execution->transcript.summary.tests_count = terms->tests_count;
    if (ledger_enter(&all->unread, &execution->unread, terms->job->owner))
        return execution;
    execution_free(execution);
    return NULL;
}

static struct execution *begin_new(struct executions *executions,
                                   const struct execution_terms *terms, struct error *err)
{
    struct execution *execution = NULL;
    if (executions->is_stopping)
        error_set(err, ERR_DRAINING, "the gateway is stopping");
    else if (!(execution = execution_new(executions, terms)))
        error_set(err, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
    return execution;
}

static void enter(struct execution *execution, struct claim *claim)
{
    execution->claim = *claim;
    *claim = (struct claim){0};
    node_append(&execution->unfinished, &execution->all->unfinished);
}

struct execution *execution_begin(struct executions *executions,
                                  const struct execution_terms *terms, struct claim *claim,
                                  struct error *err)
{
    const struct job *job = terms->job;
    const struct run_spec spec = {.frame = terms->frame,
                                  .owner = job->owner,
                                  .quota = quota_of_job(job),
                                  .run_id = terms->run_id};
    struct execution *execution = begin_new(executions, terms, err);
    if (!execution)
        return NULL;
    uint64_t *run_id = &execution->transcript.run_id;
    if (!link_submit(executions->link, &spec, &execution_sink, execution, run_id, err)) {
        execution_free(execution);
        return NULL;
    }
    enter(execution, claim);
    execution->ends_with_caller = terms->ends_with_caller;
    session_turn_enter(&execution->turn, terms->session, *run_id, job->is_cell);
    timer_start(&executions->reactor->timers, &execution->overdue,
                (uint64_t)job->queue_timeout_ms + job->timeout_ms + OVERDUE_GRACE_MS);
    return execution;
}

struct execution *execution_begin_driven(struct executions *executions,
                                         const struct execution_terms *terms, uint64_t id,
                                         const struct driver *driver, void *arg, size_t held_bytes,
                                         struct claim *claim, struct error *err)
{
    struct execution *execution = begin_new(executions, terms, err);
    if (!execution)
        return NULL;
    if (!has_room(execution, held_bytes)) {
        error_set(err, ERR_BUSY, "%s", PROBLEM_NO_MEMORY);
        execution_free(execution);
        return NULL;
    }
    execution->driver = driver;
    execution->driver_arg = arg;
    execution->held_bytes = held_bytes;
    execution->transcript.run_id = id;
    enter(execution, claim);
    return execution;
}

/* ---- views ---- */

const struct transcript *execution_transcript(const struct execution *execution)
{
    return &execution->transcript;
}

struct execution *execution_of_turn(const struct session_turn *turn)
{
    return (struct execution *)((char *)turn - offsetof(struct execution, turn));
}

void execution_yield(struct execution *execution, struct transcript *to)
{
    transcript_move(&execution->transcript, to);
    note_memory(execution);
}
