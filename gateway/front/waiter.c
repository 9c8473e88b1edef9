#include "front/waiter.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/json.h"
#include "front/answer.h"
#include "front/problem.h"

#define STATE_MAX_BYTES 256

struct waiter {
    struct listener listener;
    struct exchange *exchange;
    enum waiter_kind kind;
    struct timer patience; /* WAITER_POLL */
    struct bytes answer;   /* on loan while it is sent */
};

static void waiter_free(struct waiter *waiter)
{
    reactor_disarm(&waiter->patience);
    if (waiter->answer.data)
        execution_return_answer(waiter->listener.execution);
    execution_detach(&waiter->listener);
    free(waiter);
}

/* ---- the answer, sent from where the execution holds it ---- */

static enum source_state give_answer(void *arg, struct bytes *bytes)
{
    const struct waiter *waiter = arg;
    *bytes = waiter->answer;
    return SOURCE_END;
}

static void on_released(void *arg)
{
    waiter_free(arg);
}

static const struct source answer_source = {.next = give_answer, .release = on_released};

static void answer(struct waiter *waiter)
{
    struct exchange *exchange = waiter->exchange;
    const struct transcript *transcript = execution_transcript(waiter->listener.execution);
    exchange_note_verdict(exchange, answer_status(transcript));
    waiter->answer = execution_lend_answer(waiter->listener.execution);
    if (waiter->answer.data) {
        exchange_send(exchange, "application/json", waiter->answer.len, &answer_source, waiter);
        return;
    }
    waiter_free(waiter);
    problem_answer(exchange, &(struct problem){.status = 500, .code = "internal_error"});
}

static void answer_refusal(struct waiter *waiter)
{
    struct exchange *exchange = waiter->exchange;
    const struct transcript *transcript = execution_transcript(waiter->listener.execution);
    struct error why = transcript->refusal;
    struct problem problem = problem_of_error(&why, transcript->retry_ms);
    waiter_free(waiter);
    problem_answer(exchange, &problem);
}

void waiter_answer_state(struct exchange *exchange, int status, const struct transcript *transcript)
{
    char id[ANSWER_ID_BYTES];
    const char *state = transcript->state != TRANSCRIPT_GOING ? answer_status(transcript)
                        : transcript->has_started             ? "running"
                                                              : "queued";
    struct buf body;
    struct json_out json;
    buf_init(&body, STATE_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_member_text(&json, "id", answer_id(transcript, id));
    json_member_text(&json, "status", state);
    json_close(&json, '}');
    exchange_note_verdict(exchange, state);
    exchange_answer(exchange, status, "application/json", &body);
}

/* ---- what it waits for ---- */

static void on_said(struct listener *listener)
{
    struct waiter *waiter = (struct waiter *)listener; /* its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    if (transcript->state == TRANSCRIPT_GOING || waiter->answer.data)
        return;
    reactor_disarm(&waiter->patience);
    if (transcript->state == TRANSCRIPT_REFUSED && waiter->kind == WAITER_CALL)
        answer_refusal(waiter);
    else
        answer(waiter);
}

static void on_impatient(void *arg)
{
    struct waiter *waiter = arg;
    waiter_answer_state(waiter->exchange, 200, execution_transcript(waiter->listener.execution));
    waiter_free(waiter);
}

static void on_gone(void *arg)
{
    waiter_free(arg);
}

void waiter_begin(struct service *service, struct execution *execution, struct exchange *exchange,
                  enum waiter_kind kind, uint32_t wait_ms)
{
    struct waiter *waiter = calloc(1, sizeof *waiter);
    if (!waiter) {
        execution_settle(execution);
        problem_answer(exchange, &(struct problem){.status = 500, .code = "internal_error"});
        return;
    }
    *waiter = (struct waiter){
        .listener = {.on_said = on_said},
        .exchange = exchange,
        .kind = kind,
        .patience = {.on_due = on_impatient, .arg = waiter},
    };
    execution_attach(execution, &waiter->listener);
    exchange_note_run(exchange, execution_transcript(execution)->run_id);
    exchange_on_gone(exchange, on_gone, waiter);
    if (execution_is_over(execution))
        on_said(&waiter->listener);
    else if (kind == WAITER_POLL)
        reactor_arm(service->reactor, &waiter->patience, clock_now_ms() + wait_ms);
}
