/* intake_steps.c - the steps from a body to an execution. intake.h explains the stages.
 * One subject: each stage hands the intake to the next, and any of them may end it. */
#include "front/api/intake_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "common/clock.h"
#include "front/api/request_files.h"
#include "front/http/accept_header.h"
#include "front/runs/suite.h"

#define DRAINING_RETRY_MS 5000
/* How much a step reads or writes. It takes well below a millisecond for any content. */
#define PART_BYTES ((size_t)16 << 10)

/* ---- the end of an intake ---- */

void intake_free(struct intake *intake)
{
    if (intake->arg && intake->terms->on_gone)
        intake->terms->on_gone(intake->arg);
    node_remove(&intake->node);
    digest_free(intake->digest);
    desk_leave(intake->desk, &intake->call.service->intakes.spare);
    free(intake);
}

void intake_refuse(const struct call *call, const struct intake_terms *terms, void *arg,
                   const struct problem *problem)
{
    if (terms->on_refused)
        terms->on_refused(call, problem, arg);
    else
        exchange_answer_problem(call->exchange, problem);
}

/* Returns arg, which then belongs to the caller. */
static void *take_arg(struct intake *intake)
{
    void *arg = intake->arg;
    intake->arg = NULL;
    return arg;
}

void intake_fail(struct intake *intake, const struct problem *problem)
{
    const struct call call = intake->call;
    const struct intake_terms *terms = intake->terms;
    void *arg = take_arg(intake);
    intake_free(intake);
    intake_refuse(&call, terms, arg, problem);
}

void intake_fail_with(struct intake *intake, enum error_kind kind, const char *text,
                      uint32_t retry_ms)
{
    struct error err;
    error_set(&err, kind, "%s", text);
    struct problem problem = problem_of_error(&err, retry_ms);
    intake_fail(intake, &problem);
}

bool intake_may_begin(struct intake *intake)
{
    const struct service *service = intake->call.service;
    if (service->draining)
        intake_fail_with(intake, ERR_DRAINING, "The gateway is stopping.", DRAINING_RETRY_MS);
    else if (intake->is_kept && !archive_has_room(service->archive))
        intake_fail_with(intake, ERR_BUSY, "Too many executions are in progress.",
                         INTAKE_FULL_RETRY_MS);
    else
        return true;
    return false;
}

/* ---- the stages; each function returns true when the intake was freed ---- */

/* Free the intake, and pass the exchange on with its execution; NULL if the request asks for no
 * run. */
static bool hand_on(struct intake *intake, struct execution *execution)
{
    const struct call call = intake->call;
    const struct intake_terms *terms = intake->terms;
    void *arg = take_arg(intake);
    intake_free(intake);
    exchange_drop_body(call.exchange);
    if (execution)
        terms->on_begun(&call, execution, arg);
    else
        terms->on_other(&call, arg);
    return true;
}

/* Find the execution with this Idempotency-Key. If there is one, pass it on, or refuse the request
 * if its body is another one. Returns true when the intake was freed. */
static bool is_known(struct intake *intake)
{
    bool is_same;
    struct execution *execution =
        intake->is_idempotent
            ? archive_find_same(intake->call.service->archive, &intake->idempotency, &is_same)
            : NULL;
    if (!execution)
        return false;
    if (is_same)
        return hand_on(intake, execution);
    intake_fail(intake, &(struct problem){
                            .status = 422,
                            .code = "idempotency_key_reused",
                            .detail = "This Idempotency-Key was already used with another body."});
    return true;
}

static bool digest(struct intake *intake)
{
    struct bytes body = exchange_body(intake->call.exchange);
    size_t left = body.len - intake->digested_bytes;
    size_t len = left < PART_BYTES ? left : PART_BYTES;
    if (!intake->digest)
        intake->digest = digest_new();
    bool fine = intake->digest &&
                digest_add(intake->digest, bytes_of(body.data + intake->digested_bytes, len));
    intake->digested_bytes += len;
    if (fine && intake->digested_bytes < body.len)
        return false;
    if (!fine || !digest_end(intake->digest, &intake->idempotency.body)) {
        intake_fail_with(intake, ERR_SYSTEM, INTAKE_NO_DIGEST, 0);
        return true;
    }
    intake->stage = STAGE_READ;
    return is_known(intake);
}

/* Refuse the request, but free its memory first. */
static bool refuse(struct intake *intake, struct problem problem)
{
    intake->desk->problem = problem;
    intake->stage = STAGE_FREE_FILES;
    return false;
}

static bool refuse_text(struct intake *intake)
{
    const struct error *why = &intake->desk->why;
    return refuse(intake,
                  (struct problem){.status = 400, .code = "malformed_json", .detail = why->text});
}

static bool refuse_for_memory(struct intake *intake)
{
    struct error *why = &intake->desk->why;
    error_set(why, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
    return refuse(intake, problem_of_error(why, 0));
}

/* Give tests a scope of their own. The RUN frame of a session has its scope already. Returns false
 * when there are no random bytes. */
static bool complete_ids(struct intake *intake)
{
    uint64_t id = 0;
    struct config narrowed;
    struct job *job = &intake->desk->request.job;
    if (intake->desk->request.tests.count == 0 && !job->session_ms)
        return true;
    while (id == 0) {
        if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
            return false;
    }
    if (job->session_ms)
        snprintf(job->execution, sizeof job->execution, "%016llx", (unsigned long long)id);
    else
        request_tests_complete(&intake->desk->request, call_config(&intake->call, &narrowed), id);
    intake->desk->run_id = job->session_ms ? id : 0;
    return true;
}

static bool complete_request(struct intake *intake)
{
    struct desk *desk = intake->desk;
    struct request *request = &desk->request;
    struct exchange *exchange = intake->call.exchange;
    request_reader_free(desk->reader);
    desk->reader = NULL;
    request_decide_buffering(request,
                             accept_header_prefers_events(exchange_header(exchange, "accept")));
    snprintf(request->job.trace_id, sizeof request->job.trace_id, "%s",
             exchange_trace_id(exchange));
    snprintf(request->job.owner, sizeof request->job.owner, "%s", call_owner(&intake->call));
    return complete_ids(intake);
}

static enum request_result fill(struct intake *intake, const struct config *config)
{
    struct desk *desk = intake->desk;
    struct reading reading = {
        .config = config, .request = &desk->request, .errors = &desk->errors, .prefix = ""};
    request_init(&desk->request, config);
    intake->terms->fill(intake->arg, &intake->call, &reading);
    if (reading.is_out_of_memory)
        return REQUEST_NO_MEMORY;
    return desk->errors.count > 0 ? REQUEST_BAD_FIELDS : REQUEST_OK;
}

static enum request_result read_more(struct intake *intake, const struct config *config)
{
    struct desk *desk = intake->desk;
    struct bytes body = exchange_body(intake->call.exchange);
    if (intake->terms->fill)
        return fill(intake, config);
    if (body.len == 0 && intake->terms->is_body_optional)
        body = bytes_of_string("{}");
    if (!desk->reader)
        desk->reader = request_reader_new(body, intake->terms->decode, intake->arg);
    if (!desk->reader)
        return REQUEST_NO_MEMORY;
    return request_read(desk->reader, config, PART_BYTES, &desk->request, &desk->errors,
                        &desk->why);
}

static bool read_part(struct intake *intake)
{
    struct config narrowed;
    struct desk *desk = intake->desk;
    switch (read_more(intake, call_config(&intake->call, &narrowed))) {
    case REQUEST_MORE:
        return false;
    case REQUEST_OK:
        break;
    case REQUEST_NO_JSON:
        return refuse_text(intake);
    case REQUEST_BAD_FIELDS:
        return refuse(intake, problem_of_fields(&desk->errors));
    case REQUEST_OTHER:
        desk->is_other = true;
        intake->stage = STAGE_FREE_FILES;
        return false;
    case REQUEST_NO_MEMORY:
        return refuse_for_memory(intake);
    }
    if (!complete_request(intake)) {
        error_set(&desk->why, ERR_SYSTEM, "The system has no random bytes.");
        return refuse(intake, problem_of_error(&desk->why, 0));
    }
    intake->stage = STAGE_WRITE;
    return false;
}

static bool write_plan(struct intake *intake)
{
    struct desk *desk = intake->desk;
    if (!request_tests_write(&desk->plan, &desk->request, &desk->tests_cursor, PART_BYTES))
        return refuse_for_memory(intake);
    if (desk->tests_cursor.is_at_end)
        intake->stage = STAGE_FREE_FILES;
    return false;
}

/* Write a part of the RUN frame. The link sets its run id later. */
static bool write_part(struct intake *intake)
{
    struct desk *desk = intake->desk;
    struct buf *frame = &desk->frame;
    if (desk->request.tests.count > 0)
        return write_plan(intake);
    bool fine = frame->len > 0 || wire_begin(frame, WIRE_RUN, 0, &desk->mark);
    fine = fine && request_write(frame, &desk->request, &desk->cursor, PART_BYTES);
    if (!fine)
        return refuse_for_memory(intake);
    if (!desk->cursor.is_at_end)
        return false;
    wire_end(frame, desk->mark);
    buf_trim(frame);
    intake->stage = STAGE_FREE_FILES;
    return false;
}

/* Free one part of the request's memory. Freeing megabytes takes time, so each part has its own
 * step. */
static bool free_part(struct intake *intake)
{
    if (intake->stage == STAGE_FREE_FILES) {
        request_files_release(&intake->desk->request.files);
        request_tests_release(&intake->desk->request.tests);
        intake->stage = STAGE_FREE_TEXT;
    } else if (intake->stage == STAGE_FREE_TEXT) {
        request_reader_free(intake->desk->reader);
        intake->desk->reader = NULL;
        request_release(&intake->desk->request);
        intake->stage = STAGE_FREE_BODY;
    } else {
        exchange_drop_body(intake->call.exchange);
        intake->stage = STAGE_END;
    }
    return false;
}

/* Claim a run for the key. Sets the headers that say how many more runs the key may start. Returns
 * false with *problem set when a limit is reached.
 */
static bool claim_run(const struct caller *caller, struct exchange *exchange, struct claim *claim,
                      struct problem *problem)
{
    char policy[ACCOUNT_HEADER_BYTES], limit[ACCOUNT_HEADER_BYTES];
    uint64_t now_ms = clock_now_ms();
    *claim = (struct claim){0};
    if (!caller->key)
        return true;
    bool claimed = account_claim(caller->account, caller->key, now_ms, claim, problem);
    account_headers(caller->account, caller->key, now_ms, policy, limit);
    if (policy[0]) {
        exchange_set_header(exchange, "ratelimit-policy", policy);
        exchange_set_header(exchange, "ratelimit", limit);
    }
    return claimed;
}

static struct execution *begin(struct intake *intake, struct claim *claim, struct error *err)
{
    struct service *service = intake->call.service;
    struct desk *desk = intake->desk;
    const struct request *request = &desk->request;
    const struct execution_terms one = {.job = &request->job,
                                        .output_encoding = request->output_encoding,
                                        .frame = &desk->frame,
                                        .run_id = desk->run_id,
                                        .session = request->session,
                                        .ends_with_caller = intake->terms->ends_with_client &&
                                                            !intake->is_idempotent};
    const struct suite_terms many = {.job = &request->job,
                                     .output_encoding = request->output_encoding,
                                     .excerpt = request->tests.excerpt,
                                     .stops_on_failure = request->tests.stops_on_failure,
                                     .total_timeout_ms = request->tests.total_timeout_ms,
                                     .key = intake->call.caller.key,
                                     .plan = &desk->plan};
    return desk->plan.count > 0 ? suite_begin(&service->suites, &many, claim, err)
                                : execution_begin(&service->executions, &one, claim, err);
}

/* Returns false when the intake was freed instead. */
static bool is_admitted(struct intake *intake)
{
    struct problem problem;
    if (!intake->terms->admit)
        return true;
    switch (intake->terms->admit(&intake->call, &intake->desk->request, intake->arg, &problem)) {
    case INTAKE_BEGIN:
        return true;
    case INTAKE_OTHER:
        hand_on(intake, NULL);
        break;
    case INTAKE_REFUSE:
        intake_fail(intake, &problem);
        break;
    }
    return false;
}

static bool end(struct intake *intake)
{
    const struct call *call = &intake->call;
    struct problem problem;
    struct claim claim;
    struct error err;
    if (intake->desk->problem.status != 0) {
        intake_refuse(call, intake->terms, take_arg(intake), &intake->desk->problem);
        intake_free(intake);
        return true;
    }
    if (intake->desk->is_other)
        return hand_on(intake, NULL);
    if (is_known(intake) || !intake_may_begin(intake) || !is_admitted(intake))
        return true;
    if (!claim_run(&call->caller, call->exchange, &claim, &problem)) {
        intake_fail(intake, &problem);
        return true;
    }
    struct execution *execution = begin(intake, &claim, &err);
    if (!execution) {
        claim_end(&claim, clock_now_ms());
        problem = problem_of_error(&err, 0);
        intake_fail(intake, &problem);
        return true;
    }
    const struct idempotency *idempotency = intake->is_idempotent ? &intake->idempotency : NULL;
    if (!intake->is_kept ||
        archive_keep(call->service->archive, execution, call_owner(call), idempotency))
        return hand_on(intake, execution);
    execution_drop_unheard(execution);
    intake_fail_with(intake, ERR_SYSTEM, PROBLEM_NO_MEMORY, 0);
    return true;
}

bool intake_step(struct intake *intake)
{
    if (intake->stage != STAGE_DIGEST && !intake->desk) {
        intake->desk = desk_take(&intake->call.service->intakes.spare);
        if (!intake->desk) {
            intake_fail_with(intake, ERR_SYSTEM, PROBLEM_NO_MEMORY, 0);
            return true;
        }
    }
    switch (intake->stage) {
    case STAGE_DIGEST:
        return digest(intake);
    case STAGE_READ:
        return read_part(intake);
    case STAGE_WRITE:
        return write_part(intake);
    case STAGE_FREE_FILES:
    case STAGE_FREE_TEXT:
    case STAGE_FREE_BODY:
        return free_part(intake);
    case STAGE_END:
        break;
    }
    return end(intake);
}
