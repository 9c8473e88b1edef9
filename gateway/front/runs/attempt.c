#include "front/runs/attempt.h"

#include <stdlib.h>

#include "common/clock.h"
#include "front/http/problem.h"

#define STEP_BYTES ((size_t)64 << 10) /* comparing this much takes well below a millisecond */
#define STEPS_AT_ONCE 4               /* enough for most outputs */
#define TURN_NS NS_PER_MS

/* ---- judging ---- */

static void finish(struct attempt *attempt)
{
    node_remove(&attempt->node);
    attempt->state = ATTEMPT_IDLE;
    attempt->events->on_judged(attempt);
}

static void on_turn(void *arg)
{
    struct judging *judging = arg;
    uint64_t end_ns = clock_now_ns() + TURN_NS;
    struct attempt *attempt;
    while ((attempt = list_first(&judging->attempts)) != NULL && clock_now_ns() < end_ns) {
        node_append(&attempt->node, &judging->attempts);
        if (judge_step(&attempt->judge, STEP_BYTES))
            finish(attempt);
    }
    if (judging->attempts.count == 0)
        reactor_end(&judging->task);
}

static void judge_run(struct attempt *attempt)
{
    struct judging *judging = attempt->judging;
    attempt->state = ATTEMPT_JUDGING;
    attempt->judge = judge_of(attempt->test, attempt->run);
    for (int i = 0; i < STEPS_AT_ONCE; i++) {
        if (judge_step(&attempt->judge, STEP_BYTES)) {
            finish(attempt);
            return;
        }
    }
    judging->task.on_turn = on_turn;
    judging->task.arg = judging;
    node_append(&attempt->node, &judging->attempts);
    reactor_begin(judging->reactor, &judging->task);
}

/* ---- the run ---- */

static void take_run(struct attempt *attempt)
{
    attempt->run = calloc(1, sizeof *attempt->run);
    if (attempt->run)
        execution_yield(attempt->listener.execution, attempt->run);
    execution_detach(&attempt->listener);
}

static void on_ended(struct attempt *attempt, const struct transcript *run)
{
    struct error why = {.kind = ERR_SYSTEM, .text = PROBLEM_NO_MEMORY};
    uint32_t retry_ms = 0;
    bool is_refused = run->state == TRANSCRIPT_REFUSED;
    if (is_refused) {
        why = transcript_refusal(run);
        retry_ms = run->retry_ms;
        execution_detach(&attempt->listener);
    } else {
        take_run(attempt);
    }
    if (attempt->run) {
        judge_run(attempt);
        return;
    }
    attempt->state = ATTEMPT_IDLE;
    attempt->events->on_refused(attempt, &why, retry_ms);
}

static void on_said(struct listener *listener)
{
    struct attempt *attempt = (struct attempt *)listener; /* the listener is its first member */
    const struct transcript *run = execution_transcript(listener->execution);
    if (attempt->state != ATTEMPT_RUNNING)
        return;
    if (run->state != TRANSCRIPT_UNFINISHED)
        on_ended(attempt, run);
    else
        attempt->events->on_said(attempt, run);
}

/* ---- the interface, in order of life ---- */

void attempt_init(struct attempt *attempt, struct judging *judging,
                  const struct attempt_events *events, void *owner)
{
    *attempt = (struct attempt){
        .listener = {.on_said = on_said}, .events = events, .owner = owner, .judging = judging};
    node_init(&attempt->node, attempt);
}

bool attempt_begin(struct attempt *attempt, const struct attempt_terms *terms, struct claim *claim,
                   struct error *err)
{
    const struct job *job = terms->job;
    struct buf frame;
    if (!test_plan_write(terms->plan, terms->index, job->timeout_ms, job->queue_timeout_ms, &frame))
        return error_set(err, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
    const struct execution_terms run = {
        .job = job, .output_encoding = terms->output_encoding, .frame = &frame};
    struct execution *execution = execution_begin(terms->executions, &run, claim, err);
    buf_release(&frame);
    if (!execution)
        return false;
    attempt->test = &terms->plan->cases[terms->index];
    attempt->state = ATTEMPT_RUNNING;
    execution_attach(execution, &attempt->listener);
    return true;
}

bool attempt_cancel(struct attempt *attempt)
{
    struct execution *execution = attempt->listener.execution;
    attempt->state = ATTEMPT_IDLE;
    node_remove(&attempt->node);
    if (execution && execution_transcript(execution)->has_box) {
        execution_cancel(execution);
        take_run(attempt);
    }
    execution_detach(&attempt->listener);
    return attempt->run != NULL;
}

struct transcript *attempt_take(struct attempt *attempt)
{
    struct transcript *run = attempt->run;
    attempt->run = NULL;
    return run;
}

void attempt_release(struct attempt *attempt)
{
    execution_detach(&attempt->listener);
    node_remove(&attempt->node);
    if (attempt->run)
        transcript_release(attempt->run);
    free(attempt_take(attempt));
    attempt->state = ATTEMPT_IDLE;
}
