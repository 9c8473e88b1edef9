#include "front/execution.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/answer.h"

#define STOPPING_RETRY_MS 5000
/* How long after the broker's last deadline for a run (in the queue, then for the program) the
 * front gives it up. */
#define OVERDUE_GRACE_MS 15000

struct execution {
    struct service *service;
    struct node going; /* on service->going until it is over */
    struct transcript transcript;
    struct claim claim;  /* on the account of whose it is, until it is over */
    uint64_t started_ns; /* 0: it has not */
    struct timer overdue;
    struct list listeners;
    struct listener *told_next; /* while they are told */
    unsigned telling_depth;
    struct buf answer;
    size_t answer_users; /* who have it on loan */
};

/* ---- listeners ---- */

static void execution_free(struct execution *execution)
{
    node_remove(&execution->going);
    reactor_disarm(&execution->overdue);
    claim_end(&execution->claim, clock_now_ms());
    transcript_release(&execution->transcript);
    buf_release(&execution->answer);
    free(execution);
}

bool execution_is_over(const struct execution *execution)
{
    return execution->transcript.state != TRANSCRIPT_GOING;
}

void execution_settle(struct execution *execution)
{
    if (execution->listeners.count > 0 || execution->telling_depth > 0)
        return;
    if (!execution_is_over(execution))
        link_cancel(execution->service->link, execution->transcript.run_id);
    execution_free(execution);
}

void execution_attach(struct execution *execution, struct listener *listener)
{
    listener->execution = execution;
    node_init(&listener->node, listener);
    node_append(&listener->node, &execution->listeners);
}

void execution_detach(struct listener *listener)
{
    struct execution *execution = listener->execution;
    if (!execution)
        return;
    if (execution->told_next == listener)
        execution->told_next = node_next(&listener->node);
    node_remove(&listener->node);
    listener->execution = NULL;
    execution_settle(execution);
}

/* What a listener does may end others, and tell the rest of still more news: told_next is never one
 * that has left, and the execution stays until all is told. */
static void tell_all(struct execution *execution)
{
    execution->telling_depth++;
    execution->told_next = list_first(&execution->listeners);
    while (execution->told_next) {
        struct listener *listener = execution->told_next;
        execution->told_next = node_next(&listener->node);
        listener->on_said(listener);
    }
    execution->telling_depth--;
    execution_settle(execution);
}

/* ---- what the run says ---- */

/* The transcript has got its end. */
static void finish(struct execution *execution)
{
    node_remove(&execution->going);
    reactor_disarm(&execution->overdue);
    claim_end(&execution->claim, clock_now_ms());
    tell_all(execution);
}

static void on_paired(void *arg, uint64_t queue_ns, bool warm)
{
    struct execution *execution = arg;
    transcript_pair(&execution->transcript, queue_ns, warm);
    claim_pair(&execution->claim);
}

static void on_started(void *arg, bool cold)
{
    struct execution *execution = arg;
    execution->started_ns = clock_now_ns();
    transcript_start(&execution->transcript, cold);
    tell_all(execution);
}

static void on_output(void *arg, enum wire_stream stream, struct bytes data)
{
    struct execution *execution = arg;
    transcript_add_output(&execution->transcript, stream, data);
    tell_all(execution);
}

static void on_artifact(void *arg, enum wire_type type, const struct artifact *artifact)
{
    struct execution *execution = arg;
    transcript_add_artifact(&execution->transcript, type, artifact);
    tell_all(execution);
}

static void on_end(void *arg, const struct outcome *outcome)
{
    struct execution *execution = arg;
    transcript_end(&execution->transcript, outcome);
    finish(execution);
}

static void on_refused(void *arg, const struct error *why, uint32_t retry_ms)
{
    struct execution *execution = arg;
    transcript_refuse(&execution->transcript, why, retry_ms);
    finish(execution);
}

static const struct run_sink sink = {
    .on_paired = on_paired,
    .on_started = on_started,
    .on_output = on_output,
    .on_artifact = on_artifact,
    .on_end = on_end,
    .on_refused = on_refused,
};

/* ---- ends that the run does not tell ---- */

/* For how long its program has run, as far as we know. */
static uint64_t ran_ns(const struct execution *execution)
{
    return execution->started_ns ? clock_now_ns() - execution->started_ns : 0;
}

/* The run will not be heard of again: say what is true of it. */
static void give_up(struct execution *execution, enum error_kind kind, const char *why)
{
    link_cancel(execution->service->link, execution->transcript.run_id);
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

static void on_overdue(void *arg)
{
    give_up(arg, ERR_ENGINE, "The broker did not report on the run in time");
}

void executions_stop_all(struct service *service)
{
    for (struct execution *execution; (execution = list_first(&service->going));)
        give_up(execution, ERR_DRAINING, "The gateway stopped before the run had ended");
}

void execution_cancel(struct execution *execution)
{
    if (execution_is_over(execution))
        return;
    link_cancel(execution->service->link, execution->transcript.run_id);
    transcript_cancel(&execution->transcript, ran_ns(execution));
    finish(execution);
}

/* ---- its beginning ---- */

static struct execution *execution_new(struct service *service, const struct request *request)
{
    struct execution *execution = calloc(1, sizeof *execution);
    if (!execution)
        return NULL;
    execution->service = service;
    execution->overdue = (struct timer){.on_due = on_overdue, .arg = execution};
    node_init(&execution->going, execution);
    transcript_init(&execution->transcript, request);
    return execution;
}

struct execution *execution_begin(struct service *service, const struct request *request,
                                  struct claim *claim, struct error *err)
{
    const struct run_spec spec = {
        .write = request_write, .arg = request, .quota = quota_of_job(&request->job)};
    struct execution *execution = execution_new(service, request);
    if (!execution) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    uint64_t *run_id = &execution->transcript.run_id;
    if (!link_submit(service->link, &spec, &sink, execution, run_id, err)) {
        execution_free(execution);
        return NULL;
    }
    execution->claim = *claim;
    *claim = (struct claim){0};
    node_append(&execution->going, &service->going);
    reactor_arm(service->reactor, &execution->overdue,
                clock_now_ms() + request->job.queue_timeout_ms + request->job.timeout_ms +
                    OVERDUE_GRACE_MS);
    return execution;
}

/* ---- what it gives ---- */

const struct transcript *execution_transcript(const struct execution *execution)
{
    return &execution->transcript;
}

struct bytes execution_lend_answer(struct execution *execution)
{
    struct transcript *transcript = &execution->transcript;
    if (execution->answer_users == 0) {
        buf_init(&execution->answer, answer_max_bytes(transcript));
        if (!answer_write(&execution->answer, transcript)) {
            buf_release(&execution->answer);
            return (struct bytes){0};
        }
    }
    execution->answer_users++;
    /* Nobody else will ask what it was made of. */
    if (execution->listeners.count == 1)
        transcript_release(transcript);
    return buf_bytes(&execution->answer);
}

void execution_return_answer(struct execution *execution)
{
    if (--execution->answer_users == 0)
        buf_release(&execution->answer);
}
