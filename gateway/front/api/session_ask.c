#include "front/api/session_ask.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "front/api/request.h"
#include "front/runs/answer.h"

#define BUSY_RETRY_S 1
#define SESSION_JSON_MAX_BYTES 2048

void session_ask_init_for(struct session_ask *ask, struct service *service, const char *owner)
{
    *ask = (struct session_ask){.service = service};
    snprintf(ask->owner, sizeof ask->owner, "%s", owner);
}

void session_ask_init(struct session_ask *ask, const struct call *call)
{
    struct bytes name = exchange_parameter(call->exchange, 0);
    session_ask_init_for(ask, call->service, call_owner(call));
    if (job_is_session_name(name))
        bytes_copy_cut(ask->name, sizeof ask->name, name);
}

void session_ask_release(struct session_ask *ask)
{
    session_release(ask->session);
    ask->session = NULL;
}

struct sessions *session_ask_table(const struct session_ask *ask)
{
    return link_sessions(ask->service->executions.link);
}

bool session_ask_is_known(struct session_ask *ask, struct problem *problem)
{
    if (session_ask_table(ask)->is_known)
        return true;
    error_set(&ask->why, ERR_ENGINE, "the broker has not reported its sessions yet");
    *problem = problem_of_error(&ask->why, SESSION_RETRY_MS);
    return false;
}

struct problem session_ask_gone(enum session_reason reason)
{
    return (struct problem){.status = 410,
                            .code = "session_gone",
                            .detail = "This session has ended, with all of its state.",
                            .reason = session_reason_name(reason)};
}

bool session_ask_find(struct session_ask *ask, struct problem *problem)
{
    struct session *session = NULL;
    if (!session_ask_is_known(ask, problem))
        return false;
    if (ask->name[0])
        session = sessions_find(session_ask_table(ask), ask->owner, bytes_of_string(ask->name));
    if (!session) {
        *problem = (struct problem){.status = 404,
                                    .code = "session_unknown",
                                    .detail = "There is no session with this id."};
        return false;
    }
    if (session_is_gone(session)) {
        *problem = session_ask_gone(session->notice.reason);
        return false;
    }
    if (!ask->session) {
        ask->session = session;
        session_hold(session);
    }
    return true;
}

struct problem session_ask_busy(struct session_ask *ask)
{
    session_running(ask->session, ask->running);
    return (struct problem){.status = 409,
                            .code = "session_busy",
                            .detail = "Another run of this session has not ended.",
                            .retry_after_s = BUSY_RETRY_S,
                            .running = ask->running[0] ? ask->running : NULL};
}

bool session_ask_find_live(struct session_ask *ask, struct problem *problem)
{
    if (!session_ask_find(ask, problem))
        return false;
    if (!session_is_opening(ask->session))
        return true;
    *problem = session_ask_busy(ask);
    return false;
}

/* Check that a run may begin: the session is idle, or the run waits for its turn. */
static bool has_turn(struct session_ask *ask, bool waits, struct problem *problem)
{
    if (!session_ask_find_live(ask, problem))
        return false;
    if (waits || !session_is_busy(ask->session))
        return true;
    *problem = session_ask_busy(ask);
    return false;
}

bool session_ask_admit(struct session_ask *ask, bool waits, const struct request *request,
                       struct problem *problem)
{
    if (!has_turn(ask, waits, problem))
        return false;
    if (request->session)
        return true;
    *problem = session_ask_busy(ask); /* when the body was read, it was still being opened */
    return false;
}

bool session_ask_order(struct session_ask *ask, const struct session_order *order,
                       struct problem *problem)
{
    if (link_order(ask->service->executions.link, ask->session->id, order, &ask->why))
        return true;
    *problem = problem_of_error(&ask->why, SESSION_RETRY_MS);
    return false;
}

bool session_ask_end(struct session_ask *ask, struct problem *problem)
{
    if (!session_ask_find_live(ask, problem))
        return problem->status == 410;
    if (!session_ask_order(ask, &(struct session_order){.deed = SESSION_END}, problem))
        return false;
    session_end(ask->session);
    return true;
}

void session_ask_prepare(const struct session_ask *ask, struct request *request)
{
    const struct session *session = ask->session;
    const struct session_notice *notice = &session->notice;
    struct job *job = &request->job;
    memcpy(job->runtime, notice->runtime, sizeof job->runtime);
    job->limits = notice->limits;
    job->cpu_time_ms = session->cpu_time_ms;
    job->output_bytes = session->output_bytes;
    job->box_scope = session->id;
    job->session_ms = notice->life_ms;
    job->source = bytes_of_string(SESSION_NO_CELL);
    request->buffering = BUFFERING_LINE; /* some cells of the session may be followed live */
    request->session = ask->session;
    request->env_fields = session_env(session);
}

void session_ask_begin_cell(struct session_ask *ask, struct reading *reading)
{
    struct problem problem;
    reading->session = &ask->asked;
    if (session_ask_find(ask, &problem) && !session_is_opening(ask->session))
        session_ask_prepare(ask, reading->request);
}

void session_ask_end_cell(const struct session_ask *ask, struct request *request)
{
    request->job.is_cell = true;
    request->job.takes_turn = ask->asked.waits;
}

/* ---- JSON ---- */

static void put_limits(struct json_out *json, const struct session *session)
{
    const struct limits *limits = &session->notice.limits;
    json_key(json, "limits");
    json_open(json, '{');
    json_member_uint(json, "memory_bytes", limits->memory_bytes);
    json_member_seconds(json, "cpus", (uint64_t)limits->cpu_millis * NS_PER_MS);
    if (session->cpu_time_ms > 0)
        json_member_seconds(json, "cpu_time", (uint64_t)session->cpu_time_ms * NS_PER_MS);
    else
        json_member_text(json, "cpu_time", NULL);
    json_member_uint(json, "pids", limits->pids);
    json_member_uint(json, "output_bytes", session->output_bytes);
    json_close(json, '}');
}

void session_ask_put(struct json_out *json, const struct session *session)
{
    const struct session_notice *notice = &session->notice;
    bool is_busy = session_is_busy(session);
    char running[JOB_EXECUTION_MAX + 1];
    session_running(session, running);
    json_open(json, '{');
    json_member_text(json, "id", notice->name);
    json_member_text(json, "state", session_state_name(is_busy ? SESSION_BUSY : SESSION_IDLE));
    json_member_text(json, "runtime", notice->runtime);
    answer_put_moment(json, "created_at", notice->created_ms);
    answer_put_moment(json, "expires_at", notice->expires_ms);
    answer_put_moment(json, "idle_expires_at", is_busy ? 0 : notice->idle_expires_ms);
    json_member_seconds(json, "idle_timeout", notice->idle_ms * NS_PER_MS);
    json_member_seconds(json, "max_lifetime", notice->life_ms * NS_PER_MS);
    json_member_uint(json, "executions", notice->cells_count);
    json_member_uint(json, "generation", notice->generation);
    json_member_text(json, "running", running[0] ? running : NULL);
    put_limits(json, session);
    if (notice->peak_memory_bytes > 0)
        json_member_uint(json, "memory_bytes", notice->peak_memory_bytes);
    else
        json_member_text(json, "memory_bytes", NULL);
    json_close(json, '}');
}

void session_ask_answer(struct exchange *exchange, int status, const struct session *session)
{
    struct buf body;
    struct json_out json;
    buf_init(&body, SESSION_JSON_MAX_BYTES);
    json_begin(&json, &body);
    session_ask_put(&json, session);
    exchange_answer(exchange, status, "application/json", &body);
}
