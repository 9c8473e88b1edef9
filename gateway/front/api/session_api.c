#include "front/api/session_api.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "front/api/executions.h"
#include "front/api/intake.h"
#include "front/api/reading.h"
#include "front/api/session_ask.h"
#include "front/runs/answer.h"
#include "front/runs/archive.h"

#define LIST_MAX_BYTES ((size_t)4 << 20)
#define STATE_MAX_BYTES 256

/* ---- looking ---- */

void sessions_handle_get(const struct call *call)
{
    struct session_ask ask;
    struct problem problem;
    struct buf body;
    struct json_out json;
    session_ask_init(&ask, call);
    if (!session_ask_is_known(&ask, &problem)) {
        exchange_answer_problem(call->exchange, &problem);
        return;
    }
    buf_init(&body, LIST_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_key(&json, "sessions");
    json_open(&json, '[');
    const struct sessions *all = session_ask_table(&ask);
    for (const struct session *session = sessions_next(all, ask.owner, NULL); session;
         session = sessions_next(all, ask.owner, session))
        session_ask_put(&json, session);
    json_close(&json, ']');
    json_close(&json, '}');
    exchange_answer(call->exchange, 200, "application/json", &body);
}

void session_handle_get(const struct call *call)
{
    struct session_ask ask;
    struct problem problem;
    session_ask_init(&ask, call);
    if (session_ask_find_live(&ask, &problem))
        session_ask_answer(call->exchange, 200, ask.session);
    else
        exchange_answer_problem(call->exchange, &problem);
    session_ask_release(&ask);
}

/* Find the session of the path. If there is none, answer the exchange and return false. */
static bool find(struct session_ask *ask, const struct call *call)
{
    struct problem problem;
    session_ask_init(ask, call);
    if (session_ask_find(ask, &problem))
        return true;
    exchange_answer_problem(call->exchange, &problem);
    return false;
}

/* ---- its end ---- */

void session_handle_delete(const struct call *call)
{
    struct session_ask ask;
    struct problem problem;
    session_ask_init(&ask, call);
    if (session_ask_end(&ask, &problem))
        exchange_answer_static(call->exchange, 204, NULL, (struct bytes){0});
    else
        exchange_answer_problem(call->exchange, &problem);
    session_ask_release(&ask);
}

/* ---- a request with a body ---- */

static void ask_free(void *arg)
{
    session_ask_release(arg);
    free(arg);
}

static void on_refused(const struct call *call, const struct problem *problem, void *arg)
{
    exchange_answer_problem(call->exchange, problem);
    ask_free(arg);
}

/* Take the body. The functions of `terms` get an ask as their argument. */
static void take(const struct call *call, const struct intake_terms *terms)
{
    struct session_ask *ask = calloc(1, sizeof *ask);
    if (!ask) {
        exchange_answer_problem(call->exchange, &problem_no_memory);
        return;
    }
    session_ask_init(ask, call);
    intake_take(call, terms, ask);
}

/* ---- keepalive ---- */

static bool decode_keepalive(void *arg, struct reading *reading, const struct json *document)
{
    struct session_ask *ask = arg;
    reading->session = &ask->asked;
    session_request_read_keepalive(reading, document);
    return reading->errors->count > 0;
}

static void on_keepalive(const struct call *call, void *arg)
{
    struct session_ask *ask = arg;
    struct problem problem;
    const struct session_order order = {.deed = SESSION_KEEP, .idle_ms = ask->asked.idle_ms};
    if (session_ask_find_live(ask, &problem) && session_ask_order(ask, &order, &problem)) {
        session_keep(ask->session, order.idle_ms);
        session_ask_answer(call->exchange, 200, ask->session);
    } else {
        exchange_answer_problem(call->exchange, &problem);
    }
    ask_free(ask);
}

void session_handle_keepalive(const struct call *call)
{
    static const struct intake_terms terms = {.ignores_key = true,
                                              .is_body_optional = true,
                                              .decode = decode_keepalive,
                                              .on_other = on_keepalive,
                                              .on_refused = on_refused,
                                              .on_gone = ask_free};
    take(call, &terms);
}

/* ---- cells ---- */

static bool decode_cell(void *arg, struct reading *reading, const struct json *document)
{
    struct session_ask *ask = arg;
    session_ask_begin_cell(ask, reading);
    session_request_read_cell(reading, document);
    session_ask_end_cell(ask, reading->request);
    return true;
}

static enum intake_next admit_cell(const struct call *call, struct request *request, void *arg,
                                   struct problem *problem)
{
    struct session_ask *ask = arg;
    (void)call;
    return session_ask_admit(ask, ask->asked.waits, request, problem) ? INTAKE_BEGIN
                                                                      : INTAKE_REFUSE;
}

static void on_begun(const struct call *call, struct execution *execution, void *arg)
{
    ask_free(arg);
    executions_answer(call, execution);
}

void session_handle_execute(const struct call *call)
{
    static const struct intake_terms terms = {.is_detached = true,
                                              .ends_with_client = true,
                                              .decode = decode_cell,
                                              .admit = admit_cell,
                                              .on_begun = on_begun,
                                              .on_refused = on_refused,
                                              .on_gone = ask_free};
    struct session_ask ask;
    bool may_be_known = exchange_header(call->exchange, "idempotency-key").data != NULL;
    if (!may_be_known && !find(&ask, call))
        return;
    if (!may_be_known)
        session_ask_release(&ask);
    take(call, &terms);
}

/* ---- interrupts ---- */

static void answer_interrupting(const struct call *call, struct bytes run)
{
    struct buf body;
    struct json_out json;
    buf_init(&body, STATE_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_key(&json, "id");
    json_put_string(&json, run.data, run.len);
    json_member_text(&json, "state", "interrupting");
    json_close(&json, '}');
    exchange_answer(call->exchange, 202, "application/json", &body);
}

/* Returns true if this id is that of a finished run of this session. */
static bool has_ended(const struct call *call, const struct session *session, uint64_t id)
{
    bool was_there;
    const struct execution *execution =
        archive_find(call->service->archive, call_owner(call), id, &was_there);
    return execution && execution_is_finished(execution) &&
           strcmp(execution_transcript(execution)->session.name, session->notice.name) == 0;
}

/* Interrupt a cell of this front, or the cell of another front that runs now. Returns false if this
 * id is neither. */
static bool interrupt(struct session_ask *ask, struct bytes run, uint64_t id)
{
    struct problem problem;
    struct session_order order = {.deed = SESSION_INTERRUPT};
    const struct session *session = ask->session;
    const struct session_turn *turn = list_first(&session->turns);
    while (turn && (turn->run_id != id || !turn->is_cell))
        turn = node_next(&turn->node);
    if (turn)
        execution_cancel(execution_of_turn(turn));
    if (turn || !bytes_equal_string(run, session->notice.execution))
        return turn != NULL;
    bytes_copy_cut(order.execution, sizeof order.execution, run);
    return session_ask_order(ask, &order, &problem);
}

void session_handle_interrupt(const struct call *call)
{
    struct session_ask ask;
    struct exchange *exchange = call->exchange;
    struct bytes run = exchange_parameter(exchange, 1);
    uint64_t id = 0;
    if (!find(&ask, call))
        return;
    bool is_id = executions_parse_id(run, &id);
    if (is_id && interrupt(&ask, run, id))
        answer_interrupting(call, run);
    else if (is_id && has_ended(call, ask.session, id))
        exchange_answer_problem(exchange, &(struct problem){.status = 409,
                                                            .code = "not_running",
                                                            .detail = "This run has ended."});
    else
        exchange_answer_problem(
            exchange, &(struct problem){.status = 404,
                                        .code = "execution_not_found",
                                        .detail = "This session has no run with this id."});
    session_ask_release(&ask);
}
