#include "front/api/session_opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "front/api/reading.h"

#define PATH "/api/v1/sessions/"

void session_opening_release(struct session_opening *opening)
{
    session_ask_release(&opening->ask);
    buf_release(&opening->record);
}

/* ---- the body ---- */

/* The environment travels in the session's record, and with each of its cells. */
static void make_record(struct session_opening *opening, struct reading *reading)
{
    struct request *request = reading->request;
    const char *name;
    const struct json *value;
    size_t position = 0;
    buf_init(&opening->record, JOB_SESSION_RECORD_MAX_BYTES);
    bool fits =
        session_record_begin(&opening->record, request->job.cpu_time_ms, request->job.output_bytes);
    while (fits && request->env && json_next(request->env, &position, &name, &value))
        fits = job_put_env(&opening->record, bytes_of_string(name), json_string(value));
    if (!fits)
        field_errors_add(reading->errors, "env",
                         "must be at most about %zu bytes long in a session",
                         JOB_SESSION_RECORD_MAX_BYTES);
    request->env = NULL;
    request->job.session_record = buf_bytes(&opening->record);
}

/* Choose the session's id on the wire, and its name if the request has none. Returns false if there
 * are no random bytes. */
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

void session_opening_complete(struct session_opening *opening, struct reading *reading)
{
    const struct session_request *asked = &opening->ask.asked;
    struct job *job = &reading->request->job;
    if (reading->errors->count > 0)
        return;
    make_record(opening, reading);
    if (!choose_ids(asked, job))
        reading->is_out_of_memory = true;
    job->source = bytes_of_string(SESSION_NO_CELL);
    job->session_ms = asked->life_ms ? asked->life_ms : reading->config->session_ms;
    job->session_idle_ms = asked->idle_ms ? asked->idle_ms : reading->config->session_idle_ms;
    if (job->session_idle_ms > job->session_ms)
        job->session_idle_ms = job->session_ms;
}

/* ---- may it begin? ---- */

/* Returns true if the live session has the runtime and the limits that the request gives. */
static bool is_alike(const struct session_opening *opening)
{
    const struct session_request *asked = &opening->ask.asked;
    const struct session *session = opening->ask.session;
    const struct job *job = &opening->job;
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
        .detail = "A session with this id exists, but it has another runtime or other limits."};
}

static enum intake_next admit_new(struct session_opening *opening, struct request *request,
                                  struct problem *problem)
{
    struct session_ask *ask = &opening->ask;
    const struct job *job = &request->job;
    ask->session =
        sessions_open(session_ask_table(ask), job->box_scope, ask->owner, job->session_name);
    if (!ask->session) {
        *problem = problem_no_memory;
        return INTAKE_REFUSE;
    }
    opening->is_first = true;
    request->session = ask->session;
    return INTAKE_BEGIN;
}

enum intake_next session_opening_admit(struct session_opening *opening, struct request *request,
                                       struct problem *problem)
{
    struct session_ask *ask = &opening->ask;
    opening->job = request->job;
    snprintf(ask->name, sizeof ask->name, "%s", request->job.session_name);
    if (!session_ask_find(ask, problem))
        return problem->status == 404 ? admit_new(opening, request, problem) : INTAKE_REFUSE;
    if (session_is_opening(ask->session) || is_alike(opening))
        return INTAKE_OTHER;
    *problem = differs();
    return INTAKE_REFUSE;
}

/* ---- the result ---- */

struct execution *session_opening_joined(const struct session_opening *opening)
{
    const struct session *session = opening->ask.session;
    const struct session_turn *turn = list_first(&session->turns);
    return session_is_opening(session) && turn ? execution_of_turn(turn) : NULL;
}

bool session_opening_find(struct session_opening *opening, struct problem *problem)
{
    const struct session_order keep = {.deed = SESSION_KEEP};
    if (!session_ask_order(&opening->ask, &keep, problem))
        return false;
    session_keep(opening->ask.session, 0);
    return true;
}

/* Find the session of this name that another front may have opened first. */
static bool find_other(struct session_opening *opening, struct problem *problem)
{
    struct session_ask *ask = &opening->ask;
    session_ask_release(ask);
    opening->is_first = false;
    if (!session_ask_find(ask, problem))
        return false;
    if (!session_is_opening(ask->session) && is_alike(opening))
        return true;
    *problem = differs();
    return false;
}

/* Returns the problem if the session's files could not be written, or its box was lost. The broker
 * has then dropped the session. */
static struct problem failure(struct session_opening *opening, const struct outcome *outcome,
                              struct field_errors *errors)
{
    if (outcome->verdict == VERDICT_EXITED) {
        *errors = (struct field_errors){.count = 0};
        field_errors_add(errors, "files", "cannot be written: %.60s", outcome->text);
        return problem_of_fields(errors);
    }
    error_set(&opening->ask.why, ERR_ENGINE, "the session's box was lost while it was opened");
    return problem_of_error(&opening->ask.why, SESSION_RETRY_MS);
}

bool session_opening_judge(struct session_opening *opening, const struct transcript *transcript,
                           struct field_errors *errors, struct problem *problem)
{
    struct session_ask *ask = &opening->ask;
    if (transcript->state == TRANSCRIPT_REFUSED) {
        ask->why = transcript_refusal(transcript);
        *problem = problem_of_error(&ask->why, transcript->retry_ms);
        return (ask->why.kind == ERR_SESSION_TAKEN || ask->why.kind == ERR_SESSION_GONE) &&
               find_other(opening, problem);
    }
    if (session_is_opening(ask->session) || session_is_gone(ask->session)) {
        *problem = failure(opening, &transcript->outcome, errors);
        return false;
    }
    return is_alike(opening) || find_other(opening, problem);
}

/* ---- POST /api/v1/sessions ---- */

/* A client that waits until its session is open. */
struct opener {
    struct listener listener; /* to the opening run */
    struct session_opening opening;
    struct exchange *exchange;
};

static void opener_free(void *arg)
{
    struct opener *opener = arg;
    execution_detach(&opener->listener);
    session_opening_release(&opener->opening);
    free(opener);
}

static bool decode(void *arg, struct reading *reading, const struct json *document)
{
    struct opener *opener = arg;
    reading->session = &opener->opening.ask.asked;
    session_request_read_opening(reading, document);
    session_opening_complete(&opener->opening, reading);
    return true;
}

static enum intake_next admit(const struct call *call, struct request *request, void *arg,
                              struct problem *problem)
{
    struct opener *opener = arg;
    (void)call;
    return session_opening_admit(&opener->opening, request, problem);
}

static void answer_problem_and_free(struct opener *opener, const struct problem *problem)
{
    exchange_answer_problem(opener->exchange, problem);
    opener_free(opener);
}

static void answer_session(struct opener *opener)
{
    char location[sizeof PATH + JOB_SESSION_NAME_MAX];
    const struct session *session = opener->opening.ask.session;
    snprintf(location, sizeof location, PATH "%s", session->notice.name);
    exchange_set_header(opener->exchange, "location", location);
    session_ask_answer(opener->exchange, opener->opening.is_first ? 201 : 200, session);
    opener_free(opener);
}

static void on_said(struct listener *listener)
{
    struct opener *opener = (struct opener *)listener; /* its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    struct field_errors errors;
    struct problem problem;
    if (transcript->state == TRANSCRIPT_UNFINISHED)
        return;
    if (session_opening_judge(&opener->opening, transcript, &errors, &problem))
        answer_session(opener);
    else
        answer_problem_and_free(opener, &problem);
}

static void wait(struct opener *opener, const struct call *call, struct execution *execution)
{
    opener->exchange = call->exchange;
    opener->listener = (struct listener){.on_said = on_said, .is_caller = opener->opening.is_first};
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
    struct problem problem;
    struct execution *execution = session_opening_joined(&opener->opening);
    opener->exchange = call->exchange;
    if (execution)
        wait(opener, call, execution);
    else if (session_opening_find(&opener->opening, &problem))
        answer_session(opener);
    else
        answer_problem_and_free(opener, &problem);
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
        exchange_answer_problem(call->exchange, &problem_no_memory);
        return;
    }
    session_ask_init(&opener->opening.ask, call);
    intake_take(call, &terms, opener);
}
