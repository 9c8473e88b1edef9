#include "front/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "front/accept.h"
#include "front/archive.h"
#include "front/media.h"
#include "front/problem.h"

#define DRAINING_RETRY_MS 5000
#define FULL_RETRY_MS 1000
#define TURN_NS NS_PER_MS               /* the task's, of each turn */
#define PART_BYTES ((size_t)16 << 10)   /* of a step: well below a millisecond, whatever they are */
#define SMALL_BYTES ((size_t)128 << 10) /* a request up to here is small */

enum stage { STAGE_DIGEST, STAGE_READ, STAGE_WRITE, STAGE_BEGIN };

/* A request that is being read. It goes as soon as its exchange is answered or handed on. */
struct intake {
    struct node node; /* on a queue, when it waits for a later turn */
    struct service *service;
    struct exchange *exchange;
    intake_begun *on_begun;
    bool is_kept; /* the archive is to keep the execution */
    enum stage stage;
    bool has_key;
    struct request_key key;
    struct digest *digest;
    size_t digested_bytes;
    struct request_reader *reader;
    struct field_errors errors;
    struct request request; /* once it has been read */
    struct request_cursor cursor;
    struct buf frame; /* its RUN */
    size_t mark;
};

static void intake_free(struct intake *intake)
{
    node_remove(&intake->node);
    digest_free(intake->digest);
    request_reader_free(intake->reader);
    request_release(&intake->request);
    buf_release(&intake->frame);
    free(intake);
}

static void answer_error(struct exchange *exchange, const struct error *err, uint32_t retry_ms)
{
    struct problem problem = problem_of_error(err, retry_ms);
    problem_answer(exchange, &problem);
}

/* The last act of a step that failed. */
static void fail(struct intake *intake, const struct problem *problem)
{
    struct exchange *exchange = intake->exchange;
    intake_free(intake);
    problem_answer(exchange, problem);
}

static void fail_with(struct intake *intake, enum error_kind kind, const char *text,
                      uint32_t retry_ms)
{
    struct error err;
    error_set(&err, kind, "%s", text);
    struct problem problem = problem_of_error(&err, retry_ms);
    fail(intake, &problem);
}

/* ---- what its head says; false: the exchange was answered ---- */

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

static bool is_key(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return text.len >= 1 && text.len <= INTAKE_KEY_MAX_BYTES;
}

/* No owner's name holds a NUL, so that the two parts cannot run into each other. */
static bool fingerprint_key(const char *owner, struct bytes text, struct fingerprint *fingerprint)
{
    struct buf both;
    buf_init(&both, JOB_OWNER_NAME_MAX + 1 + INTAKE_KEY_MAX_BYTES);
    bool fine = buf_append(&both, owner, strlen(owner) + 1) &&
                buf_append(&both, text.data, text.len) &&
                fingerprint_of(buf_bytes(&both), fingerprint);
    buf_release(&both);
    return fine;
}

static bool read_key(struct intake *intake, struct bytes text)
{
    if (!is_key(text)) {
        struct exchange *exchange = intake->exchange;
        struct field_errors errors = {.count = 0};
        field_errors_add(&errors, "Idempotency-Key", "must be 1 to %d visible ASCII characters",
                         INTAKE_KEY_MAX_BYTES);
        intake_free(intake);
        problem_answer_fields(exchange, &errors);
        return false;
    }
    intake->has_key = intake->is_kept = true;
    intake->digest = digest_new();
    if (intake->digest && fingerprint_key(service_owner(intake->service), text, &intake->key.key))
        return true;
    fail_with(intake, ERR_SYSTEM, "No fingerprint of the request", 0);
    return false;
}

static bool may_begin(struct intake *intake)
{
    const struct service *service = intake->service;
    if (service->draining)
        fail_with(intake, ERR_DRAINING, "The gateway is stopping", DRAINING_RETRY_MS);
    else if (intake->is_kept && !archive_has_room(service->archive))
        fail_with(intake, ERR_BUSY, "As many executions go on as may be kept", FULL_RETRY_MS);
    else
        return true;
    return false;
}

/* ---- the stages; true: the intake is no more, its exchange answered or handed on ---- */

/* Hand the exchange on. */
static bool hand_on(struct intake *intake, struct execution *execution)
{
    struct service *service = intake->service;
    struct exchange *exchange = intake->exchange;
    intake_begun *on_begun = intake->on_begun;
    intake_free(intake);
    exchange_drop_body(exchange);
    on_begun(service, execution, exchange);
    return true;
}

/* Is there an execution of its Idempotency-Key? Then it is handed on, or refused. */
static bool is_known(struct intake *intake)
{
    bool is_same;
    struct execution *execution =
        intake->has_key ? archive_find_key(intake->service->archive, &intake->key, &is_same) : NULL;
    if (!execution)
        return false;
    if (is_same)
        return hand_on(intake, execution);
    fail(intake, &(struct problem){.status = 422,
                                   .code = "idempotency_key_reused",
                                   .detail = "This Idempotency-Key was used with another body."});
    return true;
}

static bool digest(struct intake *intake)
{
    struct bytes body = exchange_body(intake->exchange);
    size_t left = body.len - intake->digested_bytes;
    size_t len = left < PART_BYTES ? left : PART_BYTES;
    bool fine = digest_add(intake->digest, bytes_of(body.data + intake->digested_bytes, len));
    intake->digested_bytes += len;
    if (fine && intake->digested_bytes < body.len)
        return false;
    if (!fine || !digest_end(intake->digest, &intake->key.body)) {
        fail_with(intake, ERR_SYSTEM, "No fingerprint of the request", 0);
        return true;
    }
    intake->stage = STAGE_READ;
    return is_known(intake);
}

static bool refuse_fields(struct intake *intake)
{
    struct exchange *exchange = intake->exchange;
    const struct field_errors errors = intake->errors;
    intake_free(intake);
    problem_answer_fields(exchange, &errors);
    return true;
}

static bool refuse_text(struct intake *intake, const struct error *why)
{
    if (why->kind == ERR_INVALID)
        fail(intake,
             &(struct problem){.status = 400, .code = "malformed_json", .detail = why->text});
    else
        fail_with(intake, ERR_SYSTEM, "out of memory", 0);
    return true;
}

static void settle_request(struct intake *intake)
{
    struct request *request = &intake->request;
    struct exchange *exchange = intake->exchange;
    request_reader_free(intake->reader);
    intake->reader = NULL;
    request_settle_buffering(request, accept_prefers_events(exchange_header(exchange, "accept")));
    snprintf(request->job.trace_id, sizeof request->job.trace_id, "%s",
             exchange_trace_id(exchange));
    snprintf(request->job.owner, sizeof request->job.owner, "%s", service_owner(intake->service));
}

static bool read_part(struct intake *intake)
{
    const struct service *service = intake->service;
    const struct config *config = service->config;
    struct config narrowed;
    struct error err;
    if (!intake->reader)
        intake->reader = request_reader_new(exchange_body(intake->exchange));
    if (!intake->reader)
        return refuse_text(intake, &(struct error){.kind = ERR_SYSTEM});
    if (service->caller.key) {
        key_narrow(service->caller.key, config, &narrowed);
        config = &narrowed;
    }
    switch (
        request_read(intake->reader, config, PART_BYTES, &intake->request, &intake->errors, &err)) {
    case REQUEST_MORE:
        return false;
    case REQUEST_OK:
        break;
    case REQUEST_NO_JSON:
        return refuse_text(intake, &err);
    case REQUEST_BAD_FIELDS:
        return refuse_fields(intake);
    }
    settle_request(intake);
    intake->stage = STAGE_WRITE;
    return false;
}

/* Its run id is the link's to set. */
static bool write_part(struct intake *intake)
{
    struct buf *frame = &intake->frame;
    bool fine = frame->len > 0 || wire_begin(frame, WIRE_RUN, 0, &intake->mark);
    fine = fine && request_write(frame, &intake->request, &intake->cursor, PART_BYTES);
    if (!fine) {
        fail_with(intake, ERR_SYSTEM, "out of memory", 0);
        return true;
    }
    if (!intake->cursor.is_at_end)
        return false;
    wire_end(frame, intake->mark);
    buf_trim(frame);
    intake->stage = STAGE_BEGIN;
    return false;
}

/* Claim what the key's limits allow, and tell what they leave. */
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

static bool begin(struct intake *intake)
{
    struct service *service = intake->service;
    struct problem problem;
    struct claim claim;
    struct error err;
    if (is_known(intake) || !may_begin(intake))
        return true;
    if (!claim_run(&service->caller, intake->exchange, &claim, &problem)) {
        fail(intake, &problem);
        return true;
    }
    struct execution *execution =
        execution_begin(service, &intake->request, &intake->frame, &claim, &err);
    if (!execution) {
        claim_end(&claim, clock_now_ms());
        problem = problem_of_error(&err, 0);
        fail(intake, &problem);
        return true;
    }
    const struct request_key *key = intake->has_key ? &intake->key : NULL;
    if (!intake->is_kept || archive_keep(service->archive, execution, service_owner(service), key))
        return hand_on(intake, execution);
    execution_settle(execution);
    fail_with(intake, ERR_SYSTEM, "out of memory", 0);
    return true;
}

static bool step(struct intake *intake)
{
    switch (intake->stage) {
    case STAGE_DIGEST:
        return digest(intake);
    case STAGE_READ:
        return read_part(intake);
    case STAGE_WRITE:
        return write_part(intake);
    case STAGE_BEGIN:
        break;
    }
    return begin(intake);
}

/* ---- in later turns ---- */

static void on_gone(void *arg)
{
    intake_free(arg);
}

static void on_evicted(void *arg)
{
    fail_with(arg, ERR_BUSY, "The gateway holds as many requests as its memory may", FULL_RETRY_MS);
}

/* The caller is this request's again: its key may have been taken away meanwhile, or the gateway be
 * stopping. One with an Idempotency-Key may have its run already. False: the intake is no more. */
static bool resume(struct intake *intake)
{
    struct service *service = intake->service;
    struct guard_pass pass;
    struct problem problem;
    exchange_read_pass(intake->exchange, &pass);
    if (gate_admits(service->gate, &pass, &service->caller, &problem))
        return intake->has_key || may_begin(intake);
    fail(intake, &problem);
    return false;
}

/* At least one step. True: the intake is no more. */
static bool go_on(struct intake *intake, uint64_t end_ns)
{
    if (!resume(intake))
        return true;
    do {
        if (step(intake))
            return true;
    } while (clock_now_ns() < end_ns);
    return false;
}

static void on_turn(void *arg)
{
    struct service *service = arg;
    struct intakes *intakes = &service->intakes;
    uint64_t end_ns = clock_now_ns() + TURN_NS;
    bool has_time = true;
    while (has_time && intakes->small.count > 0) {
        go_on(list_first(&intakes->small), end_ns);
        has_time = clock_now_ns() < end_ns;
    }
    do {
        if (intakes->large.count > 0)
            go_on(list_first(&intakes->large), end_ns);
    } while (intakes->large.count > 0 && clock_now_ns() < end_ns);
    if (intakes->small.count == 0 && intakes->large.count == 0)
        reactor_end(&intakes->task);
}

void intakes_init(struct service *service)
{
    service->intakes.task = (struct task){.on_turn = on_turn, .arg = service};
}

static void queue(struct intake *intake, bool is_small)
{
    struct intakes *intakes = &intake->service->intakes;
    node_append(&intake->node, is_small ? &intakes->small : &intakes->large);
    exchange_on_gone(intake->exchange, on_gone, intake);
    exchange_keep_body(intake->exchange, on_evicted, intake);
    reactor_begin(intake->service->reactor, &intakes->task);
}

/* ---- the interface ---- */

static struct intake *intake_new(struct service *service, struct exchange *exchange)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return NULL;
    intake->service = service;
    intake->exchange = exchange;
    intake->stage = STAGE_READ;
    node_init(&intake->node, intake);
    buf_init(&intake->frame, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    return intake;
}

void intake_take(struct service *service, struct exchange *exchange, bool is_detached,
                 intake_begun *on_begun)
{
    struct bytes key = exchange_header(exchange, "idempotency-key");
    if (!check_headers(exchange))
        return;
    struct intake *intake = intake_new(service, exchange);
    if (!intake) {
        answer_error(exchange, &(struct error){ERR_SYSTEM, "out of memory"}, 0);
        return;
    }
    intake->is_kept = is_detached;
    intake->on_begun = on_begun;
    if (key.data && !read_key(intake, key))
        return;
    intake->stage = key.data ? STAGE_DIGEST : STAGE_READ;
    if (!key.data && !may_begin(intake))
        return;
    bool is_small = exchange_body(exchange).len <= SMALL_BYTES;
    while (is_small && service->intakes.small.count == 0 && exchange_has_time(exchange)) {
        if (step(intake))
            return;
    }
    queue(intake, is_small);
}
