/* execute.c - the life of an execution, in order:
 *
 *   handle -> submit -> (paired) -> (started) -> output... -> end --> 200
 *                \---------\-- refused, overdue, stopping -------------> problem
 *   at any point: the client hangs up -> the run is cancelled, nobody is answered
 */
#include "front/execute.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/answer.h"
#include "front/media.h"
#include "front/problem.h"

#define DRAINING_RETRY_MS 5000
/* How long after the broker's last deadline for a run (in the queue, then for the program) the
 * front gives it up. */
#define OVERDUE_GRACE_MS 15000

struct execution {
    struct execution *prev, *next; /* in service->executions */
    struct service *service;
    struct exchange *exchange;
    struct timer overdue;
    struct transcript transcript;
};

/* ---- the list of executions ---- */

static void list_add(struct execution *execution)
{
    struct service *service = execution->service;
    execution->next = service->executions;
    if (execution->next)
        execution->next->prev = execution;
    service->executions = execution;
}

static void list_remove(struct execution *execution)
{
    if (execution->next)
        execution->next->prev = execution->prev;
    if (execution->prev)
        execution->prev->next = execution->next;
    else
        execution->service->executions = execution->next;
}

static void execution_free(struct execution *execution)
{
    list_remove(execution);
    reactor_disarm(&execution->overdue);
    transcript_release(&execution->transcript);
    free(execution);
}

/* ---- the two ways to answer; both end the execution ---- */

static void answer_outcome(struct execution *execution, const struct outcome *outcome)
{
    struct exchange *exchange = execution->exchange;
    struct transcript *transcript = &execution->transcript;
    struct buf body;
    transcript_end(transcript, outcome);
    buf_init(&body, answer_max_bytes(transcript));
    bool written = answer_write(&body, transcript);
    execution_free(execution);
    exchange_note_verdict(exchange, answer_status(outcome));
    if (written)
        exchange_answer(exchange, 200, "application/json", &body);
    else
        problem_answer(exchange, &(struct problem){.status = 500, .code = "internal_error"});
    buf_release(&body);
}

static void answer_refusal(struct execution *execution, const struct error *why, uint32_t retry_ms)
{
    struct exchange *exchange = execution->exchange;
    execution_free(execution);
    struct problem problem = problem_of_error(why, retry_ms);
    problem_answer(exchange, &problem);
}

/* The run will not be heard of again: answer what is true of it. */
static void give_up(struct execution *execution, enum error_kind kind, const char *why)
{
    link_cancel(execution->service->link, execution->transcript.run_id);
    if (execution->transcript.has_box) {
        struct outcome lost = {.verdict = VERDICT_LOST};
        snprintf(lost.text, sizeof lost.text, "%s", why);
        answer_outcome(execution, &lost);
    } else {
        struct error error;
        error_set(&error, kind, "%s", why);
        answer_refusal(execution, &error, DRAINING_RETRY_MS);
    }
}

/* ---- what the run says ---- */

static void on_paired(void *arg, uint64_t queue_ns, bool warm)
{
    struct execution *execution = arg;
    transcript_pair(&execution->transcript, queue_ns, warm);
}

static void on_started(void *arg)
{
    struct execution *execution = arg;
    transcript_start(&execution->transcript);
}

static void on_output(void *arg, enum wire_stream stream, struct bytes data)
{
    struct execution *execution = arg;
    transcript_add_output(&execution->transcript, stream, data);
}

static void on_artifact(void *arg, enum wire_type type, const struct artifact *artifact)
{
    struct execution *execution = arg;
    transcript_add_artifact(&execution->transcript, type, artifact);
}

static void on_end(void *arg, const struct outcome *outcome)
{
    answer_outcome(arg, outcome);
}

static void on_refused(void *arg, const struct error *why, uint32_t retry_ms)
{
    answer_refusal(arg, why, retry_ms);
}

static const struct run_sink sink = {
    .on_paired = on_paired,
    .on_started = on_started,
    .on_output = on_output,
    .on_artifact = on_artifact,
    .on_end = on_end,
    .on_refused = on_refused,
};

/* ---- what else may happen ---- */

static void on_gone(void *arg)
{
    struct execution *execution = arg;
    link_cancel(execution->service->link, execution->transcript.run_id);
    execution_free(execution);
}

static void on_overdue(void *arg)
{
    give_up(arg, ERR_ENGINE, "The broker did not report on the run in time");
}

void execute_cancel_all(struct service *service)
{
    struct execution *next;
    for (struct execution *execution = service->executions; execution; execution = next) {
        next = execution->next;
        give_up(execution, ERR_DRAINING, "The gateway stopped before the run had ended");
    }
}

/* ---- from the request to the run ---- */

/* False: the exchange was answered. */
static bool check_headers(struct exchange *exchange)
{
    struct problem problem = {.status = 415, .code = "unsupported_media_type"};
    struct bytes encoding = exchange_header(exchange, "content-encoding");
    if (!media_type_is_json(exchange_header(exchange, "content-type")))
        problem.detail = "The Content-Type must be application/json, in UTF-8.";
    else if (encoding.data && !bytes_equal_string(encoding, "identity"))
        problem.detail = "The body must not be compressed or otherwise encoded.";
    else
        return true;
    problem_answer(exchange, &problem);
    return false;
}

/* False: the exchange was answered. */
static bool read_request(const struct service *service, struct exchange *exchange,
                         struct request *request)
{
    struct error err;
    struct field_errors errors = {.count = 0};
    struct problem problem;
    switch (request_parse(service->config, exchange_body(exchange), request, &errors, &err)) {
    case REQUEST_OK:
        return true;
    case REQUEST_NO_JSON:
        problem = (struct problem){.status = 400, .code = "malformed_json", .detail = err.text};
        break;
    case REQUEST_BAD_FIELDS:
        problem = (struct problem){.status = 422,
                                   .code = "invalid_request",
                                   .detail = "Some fields of the request are not as they must be.",
                                   .errors = &errors};
        break;
    }
    problem_answer(exchange, &problem);
    return false;
}

static struct execution *execution_new(struct service *service, struct exchange *exchange,
                                       const struct request *request)
{
    struct execution *execution = calloc(1, sizeof *execution);
    if (!execution)
        return NULL;
    *execution = (struct execution){
        .service = service,
        .exchange = exchange,
        .overdue = {.on_due = on_overdue, .arg = execution},
    };
    transcript_init(&execution->transcript, request);
    list_add(execution);
    return execution;
}

static void submit(struct service *service, struct exchange *exchange,
                   const struct request *request)
{
    struct error err = {ERR_SYSTEM, "out of memory"};
    struct execution *execution = execution_new(service, exchange, request);
    const struct run_spec spec = {
        .write = request_write, .arg = request, .quota = quota_of_job(&request->job)};
    if (!execution ||
        !link_submit(service->link, &spec, &sink, execution, &execution->transcript.run_id, &err)) {
        struct problem problem = problem_of_error(&err, 0);
        if (execution)
            execution_free(execution);
        problem_answer(exchange, &problem);
        return;
    }
    exchange_note_run(exchange, execution->transcript.run_id);
    exchange_on_gone(exchange, on_gone, execution);
    reactor_arm(service->reactor, &execution->overdue,
                clock_now_ms() + request->job.queue_timeout_ms + request->job.timeout_ms +
                    OVERDUE_GRACE_MS);
}

void execute_handle(struct service *service, struct exchange *exchange)
{
    struct request request;
    if (service->draining) {
        struct problem problem = problem_of_error(
            &(struct error){ERR_DRAINING, "The gateway is stopping"}, DRAINING_RETRY_MS);
        problem_answer(exchange, &problem);
        return;
    }
    if (!check_headers(exchange) || !read_request(service, exchange, &request))
        return;
    submit(service, exchange, &request);
    request_release(&request);
}
