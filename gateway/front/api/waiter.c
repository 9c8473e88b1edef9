#include "front/api/waiter.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/json.h"
#include "front/api/portion.h"
#include "front/http/problem.h"
#include "front/runs/answer.h"

#define STATE_MAX_BYTES 256

struct waiter {
    struct listener listener;
    struct service *service;
    struct exchange *exchange;
    enum waiter_kind kind;
    const struct waiter_terms *terms; /* NULL: the API's own */
    void *arg;                        /* of terms */
    struct timer patience;            /* runs in a WAITER_POLL */
    bool is_answering;
    struct sending *sending; /* set while it answers; NULL also if memory is out */
};

/* Memory that is needed only while an answer is sent. Many waiters wait, and few are answered at a
 * time. */
struct sending {
    struct rendering rendering;
    /* the answer does not fit into one portion, so its length must be counted first */
    bool is_long;
    uint64_t length;
    struct portion portion;
};

static void waiter_free(struct waiter *waiter)
{
    timer_stop(&waiter->service->reactor->timers, &waiter->patience);
    if (waiter->sending)
        portion_release(&waiter->sending->portion);
    free(waiter->sending);
    if (waiter->terms)
        waiter->terms->release(waiter->arg);
    execution_detach(&waiter->listener);
    free(waiter);
}

/* ---- the answer, written as it is sent ---- */

static struct rendering beginning(const struct waiter *waiter)
{
    const struct transcript *transcript = execution_transcript(waiter->listener.execution);
    return waiter->terms ? waiter->terms->begin(waiter->arg, transcript)
                         : rendering_of_answer(transcript);
}

/* Write the whole answer to find out its length. Most answers are short enough. */
static enum source_state measure_short(struct waiter *waiter, uint64_t *length)
{
    struct sending *sending = waiter->sending;
    struct buf *text = &sending->portion.text;
    if (!portion_open(&sending->portion))
        return SOURCE_WAIT;
    if (!rendering_write(&sending->rendering, text))
        return SOURCE_BROKEN;
    if (rendering_is_finished(&sending->rendering)) {
        *length = text->len;
        portion_close(&sending->portion);
        return SOURCE_END;
    }
    sending->is_long = true;
    sending->rendering = beginning(waiter);
    return SOURCE_AGAIN;
}

/* Find out the answer's length. The program has already run, so if memory is out, the connection is
 * broken off: a 5xx would say that it did not run. */
static enum source_state measure(void *arg, uint64_t *length)
{
    struct waiter *waiter = arg;
    struct sending *sending = waiter->sending;
    if (!sending)
        return SOURCE_BROKEN;
    if (!sending->is_long)
        return measure_short(waiter, length);
    buf_truncate(&sending->portion.text, 0);
    if (!rendering_measure(&sending->rendering, &sending->portion.text, &sending->length))
        return SOURCE_BROKEN;
    if (!rendering_is_finished(&sending->rendering))
        return SOURCE_AGAIN;
    sending->rendering = beginning(waiter);
    *length = sending->length;
    return SOURCE_END;
}

static bool write_more(struct sending *sending)
{
    bool is_fine = rendering_write(&sending->rendering, &sending->portion.text);
    portion_close(&sending->portion);
    return is_fine;
}

/* Return the next part. After the last one, the execution is not needed any more. */
static enum source_state next(void *arg, struct bytes *bytes)
{
    struct waiter *waiter = arg;
    struct sending *sending = waiter->sending;
    if (sending->is_long && !portion_open(&sending->portion))
        return SOURCE_WAIT;
    if (sending->is_long && !write_more(sending))
        return SOURCE_BROKEN;
    *bytes = buf_bytes(&sending->portion.text);
    if (rendering_is_finished(&sending->rendering)) {
        execution_detach(&waiter->listener);
        return SOURCE_END;
    }
    return bytes->len > 0 ? SOURCE_MORE : SOURCE_AGAIN;
}

static void on_released(void *arg)
{
    waiter_free(arg);
}

static const struct source answer_source = {
    .measure = measure, .next = next, .release = on_released};

static void on_evicted(struct listener *listener)
{
    struct waiter *waiter = (struct waiter *)listener; /* the listener is its first member */
    if (waiter->is_answering)
        exchange_evict(waiter->exchange);
}

static uint64_t slow_ms(const struct listener *listener)
{
    const struct waiter *waiter = (const struct waiter *)listener;
    return waiter->is_answering ? exchange_slow_ms(waiter->exchange) : 0;
}

/* Returns NULL when memory is out. */
static struct sending *sending_new(const struct waiter *waiter)
{
    struct sending *sending = calloc(1, sizeof *sending);
    if (!sending)
        return NULL;
    if (portion_init(&sending->portion, waiter->service, waiter->exchange, RENDERING_MAX_BYTES)) {
        sending->rendering = beginning(waiter);
        return sending;
    }
    free(sending);
    return NULL;
}

static void answer(struct waiter *waiter)
{
    const struct transcript *transcript = execution_transcript(waiter->listener.execution);
    exchange_note_verdict(waiter->exchange, answer_status(transcript));
    waiter->is_answering = true;
    waiter->sending = sending_new(waiter);
    exchange_send(waiter->exchange, "application/json", &answer_source, waiter);
}

static void answer_refusal(struct waiter *waiter)
{
    struct exchange *exchange = waiter->exchange;
    const struct transcript *transcript = execution_transcript(waiter->listener.execution);
    struct session_note session = transcript->session; /* it outlives the transcript */
    struct error why;
    struct problem problem = answer_problem(transcript, &why);
    problem.running = problem.running ? session.running : NULL;
    waiter_free(waiter);
    exchange_answer_problem(exchange, &problem);
}

void waiter_answer_state(struct exchange *exchange, int status, const struct transcript *transcript)
{
    char id[ANSWER_ID_BYTES];
    const char *state = transcript->state != TRANSCRIPT_UNFINISHED ? answer_status(transcript)
                        : transcript->has_started                  ? "running"
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

static bool is_withdrawn(const struct waiter *waiter)
{
    return waiter->terms && !waiter->terms->answers_others &&
           execution_transcript(waiter->listener.execution)->is_withdrawn;
}

static void answer_nothing(struct waiter *waiter)
{
    struct exchange *exchange = waiter->exchange;
    struct buf nothing;
    exchange_note_verdict(exchange,
                          answer_status(execution_transcript(waiter->listener.execution)));
    waiter_free(waiter);
    buf_init(&nothing, 0);
    exchange_answer(exchange, 202, NULL, &nothing);
}

/* ---- waiting ---- */

static void on_said(struct listener *listener)
{
    struct waiter *waiter = (struct waiter *)listener; /* the listener is its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    if (transcript->state == TRANSCRIPT_UNFINISHED || waiter->is_answering)
        return;
    timer_stop(&waiter->service->reactor->timers, &waiter->patience);
    if (is_withdrawn(waiter))
        answer_nothing(waiter);
    else if (transcript->state == TRANSCRIPT_REFUSED && waiter->kind == WAITER_CALL &&
             !waiter->terms)
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

/* Returns NULL, with the exchange answered, when memory is out. */
static struct waiter *waiter_new(const struct call *call, struct execution *execution,
                                 enum waiter_kind kind)
{
    struct waiter *waiter = calloc(1, sizeof *waiter);
    if (!waiter) {
        execution_drop_unheard(execution);
        exchange_answer_problem(call->exchange, &problem_no_memory);
        return NULL;
    }
    waiter->listener = (struct listener){.on_said = on_said,
                                         .on_evicted = on_evicted,
                                         .slow_ms = slow_ms,
                                         .is_caller = kind == WAITER_CALL};
    waiter->service = call->service;
    waiter->exchange = call->exchange;
    waiter->kind = kind;
    waiter->patience = (struct timer){.on_due = on_impatient, .arg = waiter};
    return waiter;
}

static void attach(struct waiter *waiter, struct execution *execution, uint32_t wait_ms)
{
    execution_attach(execution, &waiter->listener);
    exchange_note_run(waiter->exchange, execution_transcript(execution)->run_id);
    exchange_on_gone(waiter->exchange, on_gone, waiter);
    if (execution_is_finished(execution))
        on_said(&waiter->listener);
    else if (waiter->kind == WAITER_POLL)
        timer_start(&waiter->service->reactor->timers, &waiter->patience, wait_ms);
}

void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms)
{
    struct waiter *waiter = waiter_new(call, execution, kind);
    if (waiter)
        attach(waiter, execution, wait_ms);
}

void waiter_begin_in(const struct call *call, struct execution *execution,
                     const struct waiter_terms *terms, void *arg)
{
    struct waiter *waiter = waiter_new(call, execution, WAITER_CALL);
    if (!waiter) {
        terms->release(arg);
        return;
    }
    waiter->terms = terms;
    waiter->arg = arg;
    attach(waiter, execution, 0);
}
