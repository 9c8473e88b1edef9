#include "front/api/session_opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "front/api/intake.h"
#include "front/api/reading.h"
#include "front/api/session_ask.h"

#define PATH "/api/v1/sessions/"
#define LOST_RETRY_MS 1000
/* A job must have a source (job.h). */
#define NO_CELL "-"

/* One who waits for a session to be open. */
struct opener {
    struct listener listener; /* to the opening run */
    struct session_ask ask;
    struct exchange *exchange;
    bool is_first;  /* it has asked for the opening; others have joined it */
    struct job job; /* what it asks for; only its numbers and names are valid */
    struct buf record;
};

static void opener_free(void *arg)
{
    struct opener *opener = arg;
    execution_detach(&opener->listener);
    session_ask_release(&opener->ask);
    buf_release(&opener->record);
    free(opener);
}

/* ---- the body ---- */

/* The environment travels in the session's record, and with each of its cells. */
static void make_record(struct opener *opener, struct reading *reading)
{
    struct request *request = reading->request;
    const char *name;
    const struct json *value;
    size_t position = 0;
    buf_init(&opener->record, JOB_SESSION_RECORD_MAX_BYTES);
    bool fits =
        session_record_begin(&opener->record, request->job.cpu_time_ms, request->job.output_bytes);
    while (fits && request->env && json_next(request->env, &position, &name, &value))
        fits = job_put_env(&opener->record, bytes_of_string(name), json_string(value));
    if (!fits)
        field_errors_add(reading->errors, "env",
                         "must be at most about %zu bytes long in a session",
                         JOB_SESSION_RECORD_MAX_BYTES);
    request->env = NULL;
    request->job.session_record = buf_bytes(&opener->record);
}

/* False: there are no random bytes. */
static bool choose_ids(const struct session_request *asked, struct job *job)
{
    uint64_t numbers[2] = {0, 0};
    while (numbers[0] == 0) {
        if (getrandom(numbers, sizeof numbers, 0) != (ssize_t)sizeof numbers)
            return false;
    }
    job->box_scope = numbers[0];
    snprintf(job->session_name, sizeof job->session_name, "%s", asked->id);
    if (!asked->id[0])
        snprintf(job->session_name, sizeof job->session_name, "%016llx",
                 (unsigned long long)numbers[1]);
    return true;
}

static bool decode(void *arg, struct reading *reading, const struct json *document)
{
    struct opener *opener = arg;
    struct session_request *asked = &opener->ask.asked;
    struct job *job = &reading->request->job;
    *asked = (struct session_request){.id = ""};
    reading->session = asked;
    session_request_read_opening(reading, document);
    if (reading->errors->count > 0)
        return true;
    make_record(opener, reading);
    if (!choose_ids(asked, job))
        reading->is_out_of_memory = true;
    job->source = bytes_of_string(NO_CELL);
    job->session_ms = asked->life_ms ? asked->life_ms : reading->config->session_ms;
    job->session_idle_ms = asked->idle_ms ? asked->idle_ms : reading->config->session_idle_ms;
    if (job->session_idle_ms > job->session_ms)
        job->session_idle_ms = job->session_ms;
    return true;
}

/* ---- may it begin? ---- */

/* Does a live session have what was asked for? Nothing was asked where a member is 0. */
static bool is_alike(const struct opener *opener)
{
    const struct session_request *asked = &opener->ask.asked;
    const struct session *session = opener->ask.session;
    const struct job *job = &opener->job;
    const struct session_notice *notice = &session->notice;
    const struct limits *given = &asked->limits, *limits = &notice->limits;
    return (!asked->has_runtime || strcmp(job->runtime, notice->runtime) == 0) &&
           (!given->memory_bytes || given->memory_bytes == limits->memory_bytes) &&
           (!given->cpu_millis || given->cpu_millis == limits->cpu_millis) &&
           (!given->pids || given->pids == limits->pids) &&
           (!asked->has_cpu_time || job->cpu_time_ms == session->cpu_time_ms) &&
           (!asked->has_output_bytes || job->output_bytes == session->output_bytes);
}

static struct problem differs(void)
{
    return (struct problem){
        .status = 409,
        .code = "session_differs",
        .detail = "There is a session with this id, and its runtime or limits are others."};
}

static enum intake_next admit_new(struct opener *opener, struct request *request,
                                  struct problem *problem)
{
    struct session_ask *ask = &opener->ask;
    const struct job *job = &request->job;
    ask->session =
        sessions_open(session_ask_table(ask), job->box_scope, ask->owner, job->session_name);
    if (!ask->session) {
        error_set(&ask->why, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
        *problem = problem_of_error(&ask->why, 0);
        return INTAKE_REFUSE;
    }
    opener->is_first = true;
    request->session = ask->session;
    return INTAKE_BEGIN;
}

static enum intake_next admit(const struct call *call, struct request *request, void *arg,
                              struct problem *problem)
{
    struct opener *opener = arg;
    struct session_ask *ask = &opener->ask;
    (void)call;
    opener->job = request->job;
    snprintf(ask->name, sizeof ask->name, "%s", request->job.session_name);
    if (!session_ask_find(ask, problem))
        return problem->status == 404 ? admit_new(opener, request, problem) : INTAKE_REFUSE;
    if (session_is_opening(ask->session) || is_alike(opener))
        return INTAKE_OTHER;
    *problem = differs();
    return INTAKE_REFUSE;
}

/* ---- the answer ---- */

static void answer_problem_and_free(struct opener *opener, const struct problem *problem)
{
    exchange_answer_problem(opener->exchange, problem);
    opener_free(opener);
}

static void answer_session(struct opener *opener)
{
    char location[sizeof PATH + JOB_SESSION_NAME_MAX];
    const struct session *session = opener->ask.session;
    snprintf(location, sizeof location, PATH "%s", session->notice.name);
    exchange_set_header(opener->exchange, "location", location);
    session_ask_answer(opener->exchange, opener->is_first ? 201 : 200, session);
    opener_free(opener);
}

/* Another front may have opened one of this name first. */
static void answer_found(struct opener *opener)
{
    struct problem problem = differs();
    struct session_ask *ask = &opener->ask;
    session_ask_release(ask);
    opener->is_first = false;
    if (session_ask_find(ask, &problem)) {
        if (!session_is_opening(ask->session) && is_alike(opener)) {
            answer_session(opener);
            return;
        }
        problem = differs();
    }
    answer_problem_and_free(opener, &problem);
}

static void answer_refusal(struct opener *opener, const struct transcript *transcript)
{
    struct session_ask *ask = &opener->ask;
    ask->why = transcript_refusal(transcript);
    struct problem problem = problem_of_error(&ask->why, transcript->retry_ms);
    execution_detach(&opener->listener);
    if (ask->why.kind == ERR_SESSION_TAKEN || ask->why.kind == ERR_SESSION_GONE)
        answer_found(opener);
    else
        answer_problem_and_free(opener, &problem);
}

/* Its files could not be written, or its box was lost. The broker has dropped the session. */
static void answer_failure(struct opener *opener, const struct outcome *outcome)
{
    struct field_errors errors = {.count = 0};
    struct problem problem = problem_of_fields(&errors);
    if (outcome->verdict == VERDICT_EXITED) {
        field_errors_add(&errors, "files", "cannot be written: %.60s", outcome->text);
    } else {
        error_set(&opener->ask.why, ERR_ENGINE, "the session's box was lost while it was opened");
        problem = problem_of_error(&opener->ask.why, LOST_RETRY_MS);
    }
    answer_problem_and_free(opener, &problem);
}

static void on_said(struct listener *listener)
{
    struct opener *opener = (struct opener *)listener; /* its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    if (transcript->state == TRANSCRIPT_UNFINISHED)
        return;
    if (transcript->state == TRANSCRIPT_REFUSED)
        answer_refusal(opener, transcript);
    else if (session_is_opening(opener->ask.session) || session_is_gone(opener->ask.session))
        answer_failure(opener, &transcript->outcome);
    else if (is_alike(opener))
        answer_session(opener);
    else
        answer_found(opener);
}

static void wait(struct opener *opener, const struct call *call, struct execution *execution)
{
    opener->exchange = call->exchange;
    opener->listener = (struct listener){.on_said = on_said, .is_caller = opener->is_first};
    execution_attach(execution, &opener->listener);
    exchange_on_gone(call->exchange, opener_free, opener);
}

static void on_begun(const struct call *call, struct execution *execution, void *arg)
{
    wait(arg, call, execution);
}

/* The session is live, or another request opens it. */
static void on_other(const struct call *call, void *arg)
{
    struct opener *opener = arg;
    struct session *session = opener->ask.session;
    const struct session_turn *turn = list_first(&session->turns);
    struct problem problem;
    opener->exchange = call->exchange;
    if (session_is_opening(session) && turn) {
        wait(opener, call, execution_of_turn(turn));
        return;
    }
    if (session_ask_order(&opener->ask, &(struct session_order){.deed = SESSION_KEEP}, &problem)) {
        session_keep(session, 0);
        answer_session(opener);
    } else {
        answer_problem_and_free(opener, &problem);
    }
}

static void on_refused(const struct call *call, const struct problem *problem, void *arg)
{
    exchange_answer_problem(call->exchange, problem);
    opener_free(arg);
}

/* ---- the handler ---- */

void sessions_handle_post(const struct call *call)
{
    static const struct intake_terms terms = {.ignores_key = true,
                                              .is_body_optional = true,
                                              .decode = decode,
                                              .admit = admit,
                                              .on_begun = on_begun,
                                              .on_other = on_other,
                                              .on_refused = on_refused,
                                              .on_gone = opener_free};
    struct opener *opener = calloc(1, sizeof *opener);
    if (!opener) {
        exchange_answer_problem(call->exchange, &(struct problem){.status = 500,
                                                                  .code = "internal_error",
                                                                  .detail = PROBLEM_NO_MEMORY});
        return;
    }
    session_ask_init(&opener->ask, call);
    intake_take(call, &terms, opener);
}
