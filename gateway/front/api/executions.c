#include "front/api/executions.h"

#include <stdio.h>
#include <string.h>

#include "common/number.h"
#include "front/api/follower.h"
#include "front/api/intake.h"
#include "front/api/waiter.h"
#include "front/http/accept_header.h"
#include "front/http/problem.h"
#include "front/runs/answer.h"
#include "front/runs/archive.h"

#define ID_DIGITS 16
#define PATH "/api/v1/executions/"

/* ---- path, query and headers ---- */

bool executions_parse_id(struct bytes text, uint64_t *id)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;
    if (text.len != ID_DIGITS)
        return false;
    for (size_t i = 0; i < ID_DIGITS; i++) {
        const char *digit = text.data[i] ? strchr(digits, text.data[i]) : NULL;
        if (!digit)
            return false;
        value = value << 4 | (uint64_t)(digit - digits);
    }
    *id = value;
    return true;
}

bool executions_parse_wait(struct bytes query, uint32_t *wait_ms, struct field_errors *errors)
{
    static const char name[] = "wait=";
    size_t name_len = sizeof name - 1;
    uint64_t millis;
    *wait_ms = 0;
    if (query.len == 0)
        return true;
    const char *text = (const char *)query.data;
    if (query.len < name_len || memcmp(text, name, name_len) != 0)
        field_errors_add(errors, "", "the only query parameter of this path is wait");
    else if (!number_parse_millis(text + name_len, query.len - name_len, &millis) ||
             millis > EXECUTIONS_WAIT_MAX_MS)
        field_errors_add(errors, "wait", "must be a number of seconds from 0 to %d",
                         EXECUTIONS_WAIT_MAX_MS / 1000);
    else
        *wait_ms = (uint32_t)millis;
    return errors->count == 0;
}

/* Find the execution that the path names. Returns NULL if there is none; the exchange is then
 * answered. */
static struct execution *find(const struct call *call)
{
    struct exchange *exchange = call->exchange;
    uint64_t id;
    bool was_there = false;
    struct execution *execution = NULL;
    if (executions_parse_id(exchange_parameter(exchange, 0), &id))
        execution = archive_find(call->service->archive, call_owner(call), id, &was_there);
    if (execution)
        return execution;
    if (was_there)
        exchange_answer_problem(exchange,
                                &(struct problem){.status = 410,
                                                  .code = "execution_expired",
                                                  .detail = "This execution is no longer kept."});
    else
        exchange_answer_problem(exchange,
                                &(struct problem){.status = 404,
                                                  .code = "execution_not_found",
                                                  .detail = "There is no execution with this id."});
    return NULL;
}

/* Read the header Last-Event-ID into *cursor. Returns false if it is malformed; the exchange is
 * then answered. */
static bool read_last_event_id(struct exchange *exchange, const struct transcript *transcript,
                               struct transcript_cursor *cursor)
{
    uint64_t number = 0;
    struct field_errors errors = {.count = 0};
    struct bytes text = exchange_header(exchange, "last-event-id");
    if (text.len == 0 || (number_parse_uint((const char *)text.data, text.len, &number) &&
                          transcript_seek(transcript, number, cursor)))
        return true;
    field_errors_add(&errors, "Last-Event-ID", "must be the id of an event of this execution");
    exchange_answer_fields(exchange, &errors);
    return false;
}

/* ---- handlers ---- */

void executions_answer(const struct call *call, struct execution *execution)
{
    if (accept_header_prefers_events(exchange_header(call->exchange, "accept")))
        follower_begin(call, execution, FOLLOWER_CALL, (struct transcript_cursor){0});
    else
        waiter_begin(call, execution, WAITER_CALL, 0);
}

static void on_execute_begun(const struct call *call, struct execution *execution, void *arg)
{
    (void)arg;
    executions_answer(call, execution);
}

void execute_handle_post(const struct call *call)
{
    static const struct intake_terms terms = {.on_begun = on_execute_begun};
    intake_take(call, &terms, NULL);
}

static void on_begun(const struct call *call, struct execution *execution, void *arg)
{
    char id[ANSWER_ID_BYTES], location[sizeof PATH + ANSWER_ID_BYTES];
    struct exchange *exchange = call->exchange;
    const struct transcript *transcript = execution_transcript(execution);
    (void)arg;
    snprintf(location, sizeof location, PATH "%s", answer_id(transcript, id));
    exchange_set_header(exchange, "location", location);
    exchange_note_run(exchange, transcript->run_id);
    waiter_answer_state(exchange, 202, transcript);
}

void executions_handle_post(const struct call *call)
{
    static const struct intake_terms terms = {.is_detached = true, .on_begun = on_begun};
    intake_take(call, &terms, NULL);
}

void executions_handle_get(const struct call *call)
{
    struct exchange *exchange = call->exchange;
    uint32_t wait_ms;
    struct field_errors errors = {.count = 0};
    struct execution *execution = find(call);
    if (!execution)
        return;
    if (!executions_parse_wait(exchange_query(exchange), &wait_ms, &errors))
        exchange_answer_fields(exchange, &errors);
    else if (wait_ms == 0 && !execution_is_finished(execution))
        waiter_answer_state(exchange, 200, execution_transcript(execution));
    else
        waiter_begin(call, execution, WAITER_POLL, wait_ms);
}

void executions_handle_events(const struct call *call)
{
    struct exchange *exchange = call->exchange;
    struct transcript_cursor cursor = {0};
    struct execution *execution = find(call);
    if (!execution || !read_last_event_id(exchange, execution_transcript(execution), &cursor))
        return;
    if (!cursor.is_at_end) {
        follower_begin(call, execution, FOLLOWER_REPLAY, cursor);
        return;
    }
    /* The client has received every event. A 204 makes a browser's EventSource stop
     * reconnecting. */
    exchange_answer_static(exchange, 204, NULL, (struct bytes){0});
}

void executions_handle_delete(const struct call *call)
{
    struct execution *execution = find(call);
    if (!execution)
        return;
    /* Attach the waiter first: once the execution has ended, the archive may drop it. */
    waiter_begin(call, execution, WAITER_POLL, EXECUTIONS_WAIT_MAX_MS);
    execution_cancel(execution);
}
