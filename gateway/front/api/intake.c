#include "front/api/intake_private.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "front/http/media.h"

#define TURN_NS NS_PER_MS               /* time that the task may use in each turn of the loop */
#define SMALL_BYTES ((size_t)128 << 10) /* a request up to this size is small */

/* ---- headers; each function returns false when it has answered the exchange ---- */

static bool check_headers(const struct call *call, const struct intake_terms *terms, void *arg)
{
    const struct exchange *exchange = call->exchange;
    struct problem problem = {.status = 415, .code = "unsupported_media_type"};
    struct bytes encoding = exchange_header(exchange, "content-encoding");
    if (terms->fill || (terms->is_body_optional && exchange_body(exchange).len == 0))
        return true;
    if (!media_type_is_json(exchange_header(exchange, "content-type")))
        problem.detail = "The Content-Type must be application/json, in UTF-8.";
    else if (encoding.data && !bytes_equal_string(encoding, "identity"))
        problem.detail = "The body must not be compressed or otherwise encoded.";
    else
        return true;
    intake_refuse(call, terms, arg, &problem);
    return false;
}

static bool read_idempotency_key(struct intake *intake, struct bytes text)
{
    if (!idempotency_is_key(text)) {
        struct field_errors errors = {.count = 0};
        field_errors_add(&errors, "Idempotency-Key", "must be 1 to %d visible ASCII characters",
                         IDEMPOTENCY_KEY_MAX_BYTES);
        const struct problem problem = problem_of_fields(&errors);
        intake_fail(intake, &problem);
        return false;
    }
    intake->is_idempotent = intake->is_kept = true;
    if (idempotency_identify(call_owner(&intake->call), text, &intake->idempotency.id))
        return true;
    intake_fail_with(intake, ERR_SYSTEM, INTAKE_NO_DIGEST, 0);
    return false;
}

/* ---- in later turns ---- */

static void on_gone(void *arg)
{
    intake_free(arg);
}

static void on_evicted(void *arg)
{
    intake_fail_with(arg, ERR_BUSY, PROBLEM_NO_MEMORY, INTAKE_FULL_RETRY_MS);
}

/* Check the caller again: its key may have been removed, or the gateway may be stopping. A stopping
 * gateway still serves a request with an Idempotency-Key, whose run may exist already. Returns
 * false when the intake was freed. */
static bool resume(struct intake *intake)
{
    struct call *call = &intake->call;
    struct guard_pass pass;
    struct problem problem;
    exchange_read_pass(call->exchange, &pass);
    if (gate_admits(call->service->gate, &pass, true, &call->caller, &problem))
        return intake->is_idempotent || intake_may_begin(intake);
    intake_fail(intake, &problem);
    return false;
}

/* Take at least one step, and more until end_ns. Returns true when the intake was freed. */
static bool go_on(struct intake *intake, uint64_t end_ns)
{
    if (!resume(intake))
        return true;
    do {
        if (intake_step(intake))
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
    struct exchange *exchange = intake->call.exchange;
    struct service *service = intake->call.service;
    node_append(&intake->node, is_small ? &service->intakes.small : &service->intakes.large);
    exchange_on_gone(exchange, on_gone, intake);
    exchange_keep_body(exchange, on_evicted, intake);
    reactor_begin(service->reactor, &service->intakes.task);
}

/* ---- the interface ---- */

static struct intake *intake_new(const struct call *call, const struct intake_terms *terms,
                                 void *arg)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return NULL;
    intake->call = *call;
    intake->terms = terms;
    intake->arg = arg;
    intake->is_kept = terms->is_detached;
    intake->stage = STAGE_READ;
    node_init(&intake->node, intake);
    return intake;
}

void intake_take(const struct call *call, const struct intake_terms *terms, void *arg)
{
    struct exchange *exchange = call->exchange;
    struct bytes key = {0};
    if (!terms->ignores_key)
        key = exchange_header(exchange, "idempotency-key");
    if (!check_headers(call, terms, arg))
        return;
    struct intake *intake = intake_new(call, terms, arg);
    if (!intake) {
        intake_refuse(call, terms, arg, &problem_no_memory);
        return;
    }
    if (key.data && !read_idempotency_key(intake, key))
        return;
    intake->stage = key.data ? STAGE_DIGEST : STAGE_READ;
    if (!key.data && !intake_may_begin(intake))
        return;
    bool is_small = exchange_body(exchange).len <= SMALL_BYTES;
    while (is_small && call->service->intakes.small.count == 0 && exchange_has_time(exchange)) {
        if (intake_step(intake))
            return;
    }
    queue(intake, is_small);
}
