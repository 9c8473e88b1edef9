#include "front/api/intake.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "front/api/request.h"
#include "front/http/accept_header.h"
#include "front/http/media.h"
#include "front/http/problem.h"
#include "front/runs/archive.h"

#define DRAINING_RETRY_MS 5000
#define FULL_RETRY_MS 1000

static void answer_error(struct exchange *exchange, const struct error *err, uint32_t retry_ms)
{
    struct problem problem = problem_of_error(err, retry_ms);
    exchange_answer_problem(exchange, &problem);
}

/* ---- each step; false: the exchange was answered ---- */

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
    exchange_answer_problem(exchange, &problem);
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

static bool read_key(const struct call *call, struct bytes text, struct request_key *key)
{
    struct exchange *exchange = call->exchange;
    if (!is_key(text)) {
        struct field_errors errors = {.count = 0};
        field_errors_add(&errors, "Idempotency-Key", "must be 1 to %d visible ASCII characters",
                         INTAKE_KEY_MAX_BYTES);
        exchange_answer_fields(exchange, &errors);
        return false;
    }
    if (fingerprint_key(call_owner(call), text, &key->key) &&
        fingerprint_of(exchange_body(exchange), &key->body))
        return true;
    answer_error(exchange, &(struct error){ERR_SYSTEM, "No fingerprint of the request"}, 0);
    return false;
}

static bool may_begin(const struct call *call, bool is_kept)
{
    const struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    if (service->draining)
        answer_error(exchange, &(struct error){ERR_DRAINING, "The gateway is stopping"},
                     DRAINING_RETRY_MS);
    else if (is_kept && !archive_has_room(service->archive))
        answer_error(exchange, &(struct error){ERR_BUSY, "As many executions go on as may be kept"},
                     FULL_RETRY_MS);
    else
        return true;
    return false;
}

/* config: as it is for who calls. */
static bool read_request(const struct config *config, struct exchange *exchange,
                         struct request *request)
{
    struct error err;
    struct field_errors errors = {.count = 0};
    switch (request_parse(config, exchange_body(exchange), request, &errors, &err)) {
    case REQUEST_OK:
        return true;
    case REQUEST_NO_JSON:
        exchange_answer_problem(
            exchange,
            &(struct problem){.status = 400, .code = "malformed_json", .detail = err.text});
        break;
    case REQUEST_BAD_FIELDS:
        exchange_answer_fields(exchange, &errors);
        break;
    }
    return false;
}

/* Claim a run within the key's limits, and report what these leave. */
static bool claim_run(const struct caller *caller, struct exchange *exchange, struct claim *claim)
{
    char policy[ACCOUNT_HEADER_BYTES], limit[ACCOUNT_HEADER_BYTES];
    struct problem problem;
    uint64_t now_ms = clock_now_ms();
    *claim = (struct claim){0};
    if (!caller->key)
        return true;
    bool claimed = account_claim(caller->account, caller->key, now_ms, claim, &problem);
    account_headers(caller->account, caller->key, now_ms, policy, limit);
    if (policy[0]) {
        exchange_set_header(exchange, "ratelimit-policy", policy);
        exchange_set_header(exchange, "ratelimit", limit);
    }
    if (!claimed)
        exchange_answer_problem(exchange, &problem);
    return claimed;
}

/* ---- together ---- */

static struct execution *begin(const struct call *call, bool is_kept, const struct request_key *key)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    struct request request;
    struct config narrowed;
    struct claim claim;
    struct error err;
    if (!may_begin(call, is_kept) ||
        !read_request(call_config(call, &narrowed), exchange, &request))
        return NULL;
    request_settle_buffering(&request,
                             accept_header_prefers_events(exchange_header(exchange, "accept")));
    snprintf(request.job.trace_id, sizeof request.job.trace_id, "%s", exchange_trace_id(exchange));
    snprintf(request.job.owner, sizeof request.job.owner, "%s", call_owner(call));
    struct execution *execution = NULL;
    bool claimed = claim_run(&call->caller, exchange, &claim);
    const struct execution_terms terms = {
        .job = &request.job,
        .output_encoding = request.output_encoding,
        .write = request_write,
        .arg = &request,
        .waiting_bytes = request.body_bytes,
    };
    if (claimed)
        execution = execution_begin(&service->executions, &terms, &claim, &err);
    request_release(&request);
    if (!claimed)
        return NULL;
    if (!execution) {
        claim_end(&claim, clock_now_ms());
        answer_error(exchange, &err, 0);
    } else if (is_kept && !archive_keep(service->archive, execution, call_owner(call), key)) {
        execution_drop_unheard(execution);
        answer_error(exchange, &(struct error){ERR_SYSTEM, "out of memory"}, 0);
        return NULL;
    }
    return execution;
}

struct execution *intake_take(const struct call *call, bool is_detached)
{
    struct exchange *exchange = call->exchange;
    struct request_key key;
    struct bytes key_text = exchange_header(exchange, "idempotency-key");
    if (!check_headers(exchange) || (key_text.data && !read_key(call, key_text, &key)))
        return NULL;
    if (!key_text.data)
        return begin(call, is_detached, NULL);
    bool is_same;
    struct execution *execution = archive_find_key(call->service->archive, &key, &is_same);
    if (!execution)
        return begin(call, true, &key);
    if (is_same)
        return execution;
    exchange_answer_problem(
        exchange, &(struct problem){.status = 422,
                                    .code = "idempotency_key_reused",
                                    .detail = "This Idempotency-Key was used with another body."});
    return NULL;
}
