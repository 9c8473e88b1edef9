#include "front/api/session_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "common/percent.h"
#include "common/quota.h"
#include "front/api/intake.h"
#include "front/api/reading.h"
#include "front/api/request_files.h"
#include "front/api/session_ask.h"
#include "front/api/session_query.h"
#include "front/runs/answer.h"

#define ALL_FILES "**"
#define GLOB_MAX_BYTES (3 * PATH_BYTES_MAX) /* a path whose every character is escaped */
#define LIST_MAX_BYTES (QUOTA_ARTIFACTS_MAX * (6 * PATH_BYTES_MAX + 64))
#define PIECE_BYTES ((size_t)64 << 10)

struct mover;

/* One way to move files. Static. */
struct movement {
    /* Complete the request. */
    void (*fill)(struct mover *mover, const struct call *call, struct reading *reading);
    /* Answer, and free the mover: the run has ended with the exit code 0. */
    void (*answer)(struct mover *mover, const struct transcript *transcript);
    bool needs_file; /* another exit code means that there is none */
};

/* One who waits for files to be moved. */
struct mover {
    struct listener listener; /* to the run */
    struct session_ask ask;
    const struct movement *movement;
    struct exchange *exchange;
    struct buf path, glob;
    uint32_t queue_timeout_ms; /* 0: it does not wait for its turn */
    struct error why;          /* the texts of a problem */
    struct bytes rest;         /* of a content that is being sent */
};

static void mover_free(void *arg)
{
    struct mover *mover = arg;
    execution_detach(&mover->listener);
    session_ask_release(&mover->ask);
    buf_release(&mover->path);
    buf_release(&mover->glob);
    free(mover);
}

static void refuse(struct mover *mover, const struct problem *problem)
{
    exchange_answer_problem(mover->exchange, problem);
    mover_free(mover);
}

/* ---- the path ---- */

static void read_path(struct mover *mover, const struct call *call, struct field_errors *errors)
{
    const char *fault = "is not percent-encoded";
    if (percent_decode(exchange_parameter(call->exchange, 1), &mover->path))
        fault = path_fault(request_path(buf_bytes(&mover->path)));
    else if (mover->path.len >= PATH_BYTES_MAX)
        fault = "is too long";
    if (fault)
        field_errors_add(errors, "path", "%s", fault);
}

static struct bytes path_of(const struct mover *mover)
{
    return request_path(buf_bytes(&mover->path));
}

/* Write the path as a glob that names nothing else. */
static void make_glob(struct mover *mover)
{
    struct bytes path = path_of(mover);
    for (size_t i = 0; i < path.len; i++) {
        char c = (char)path.data[i];
        if (c && strchr(GLOB_SPECIAL, c))
            buf_printf(&mover->glob, "[%c]", c);
        else
            buf_append(&mover->glob, &c, 1);
    }
}

/* ---- the run ---- */

static void fill(void *arg, const struct call *call, struct reading *reading)
{
    struct mover *mover = arg;
    struct session_ask *ask = &mover->ask;
    struct job *job = &reading->request->job;
    struct problem problem;
    bool lists = !mover->movement->fill;
    session_query_read(exchange_query(call->exchange), reading->config->queue_timeout_ms,
                       lists ? &mover->glob : NULL, &mover->queue_timeout_ms, reading->errors);
    if (!lists)
        read_path(mover, call, reading->errors);
    if (!session_ask_find(ask, &problem) || session_is_opening(ask->session))
        return; /* admit says so */
    session_ask_prepare(ask, reading->request);
    job->takes_turn = mover->queue_timeout_ms > 0;
    if (job->takes_turn)
        job->queue_timeout_ms = mover->queue_timeout_ms;
    if (lists && mover->glob.len == 0 && !buf_append_string(&mover->glob, ALL_FILES))
        reading->is_out_of_memory = true;
    job->files_bytes = lists; /* no content */
    if (!lists && reading->errors->count == 0)
        mover->movement->fill(mover, call, reading);
    reading->request->glob = request_path(buf_bytes(&mover->glob));
}

static enum intake_next admit(const struct call *call, struct request *request, void *arg,
                              struct problem *problem)
{
    struct mover *mover = arg;
    struct session_ask *ask = &mover->ask;
    (void)call;
    if (!session_ask_turn(ask, mover->queue_timeout_ms > 0, problem))
        return INTAKE_REFUSE;
    if (request->session)
        return INTAKE_BEGIN;
    *problem = session_ask_busy(ask);
    return INTAKE_REFUSE;
}

/* The reason is for people only where init has seen why. */
static void answer_no_file(struct mover *mover)
{
    refuse(mover, &(struct problem){.status = 404,
                                    .code = "file_not_found",
                                    .detail = "The session has no regular file at this path."});
}

static void answer_failure(struct mover *mover, const struct transcript *transcript)
{
    const struct outcome *outcome = &transcript->outcome;
    const struct session_note *session = &transcript->session;
    struct problem problem;
    error_set(&mover->why, ERR_INVALID, "%s", outcome->text);
    if (outcome->verdict == VERDICT_EXITED) {
        problem = problem_of_error(&mover->why, 0);
        problem.code = "file_refused";
    } else if (session->name[0] && session->state == SESSION_GONE) {
        problem = session_ask_gone(session->reason);
    } else {
        error_set(&mover->why, ERR_ENGINE, "The session's box did not move the file in time");
        problem = problem_of_error(&mover->why, 1000);
    }
    refuse(mover, &problem);
}

static void on_said(struct listener *listener)
{
    struct mover *mover = (struct mover *)listener; /* its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    if (transcript->state == TRANSCRIPT_UNFINISHED)
        return;
    if (transcript->state == TRANSCRIPT_REFUSED) {
        struct problem problem = answer_problem(transcript, &mover->why);
        refuse(mover, &problem);
    } else if (transcript->outcome.verdict == VERDICT_EXITED &&
               transcript->outcome.exit_code == 0) {
        mover->movement->answer(mover, transcript);
    } else if (transcript->outcome.verdict == VERDICT_EXITED && mover->movement->needs_file) {
        answer_no_file(mover);
    } else {
        answer_failure(mover, transcript);
    }
}

static void on_begun(const struct call *call, struct execution *execution, void *arg)
{
    struct mover *mover = arg;
    mover->listener = (struct listener){.on_said = on_said, .is_caller = true};
    execution_attach(execution, &mover->listener);
    exchange_on_gone(call->exchange, mover_free, mover);
}

static void on_refused(const struct call *call, const struct problem *problem, void *arg)
{
    (void)call;
    refuse(arg, problem);
}

static void move(const struct call *call, const struct movement *movement)
{
    static const struct intake_terms terms = {.ignores_key = true,
                                              .fill = fill,
                                              .admit = admit,
                                              .on_begun = on_begun,
                                              .on_refused = on_refused,
                                              .on_gone = mover_free};
    struct mover *mover = calloc(1, sizeof *mover);
    if (!mover) {
        exchange_answer_problem(call->exchange, &(struct problem){.status = 500,
                                                                  .code = "internal_error",
                                                                  .detail = PROBLEM_NO_MEMORY});
        return;
    }
    mover->exchange = call->exchange;
    mover->movement = movement;
    buf_init(&mover->path, PATH_BYTES_MAX);
    buf_init(&mover->glob, GLOB_MAX_BYTES);
    session_ask_init(&mover->ask, call);
    intake_take(call, &terms, mover);
}

/* ---- each movement ---- */

static void answer_nothing(struct mover *mover, const struct transcript *transcript)
{
    struct buf nothing;
    (void)transcript;
    buf_init(&nothing, 0);
    exchange_answer(mover->exchange, 204, NULL, &nothing);
    mover_free(mover);
}

static void fill_put(struct mover *mover, const struct call *call, struct reading *reading)
{
    struct request_files *files = &reading->request->files;
    files->list = calloc(1, sizeof *files->list);
    if (!files->list) {
        reading->is_out_of_memory = true;
        return;
    }
    files->count = 1;
    files->list[0] =
        (struct request_file){.path = path_of(mover), .content = exchange_body(call->exchange)};
    request_files_check_total(reading, files, "body", 0);
}

void session_files_handle_put(const struct call *call)
{
    static const struct movement put = {.fill = fill_put, .answer = answer_nothing};
    move(call, &put);
}

static void fill_delete(struct mover *mover, const struct call *call, struct reading *reading)
{
    (void)call;
    reading->request->removed_path = path_of(mover);
}

void session_files_handle_delete(const struct call *call)
{
    static const struct movement delete = {
        .fill = fill_delete, .answer = answer_nothing, .needs_file = true};
    move(call, &delete);
}

static void fill_get(struct mover *mover, const struct call *call, struct reading *reading)
{
    struct job *job = &reading->request->job;
    (void)call;
    make_glob(mover);
    job->files_bytes = job->file_bytes = reading->config->output_files_bytes;
}

static enum source_state measure(void *arg, uint64_t *length)
{
    const struct mover *mover = arg;
    *length = mover->rest.len;
    return SOURCE_END;
}

static enum source_state next(void *arg, struct bytes *bytes)
{
    struct mover *mover = arg;
    size_t len = mover->rest.len < PIECE_BYTES ? mover->rest.len : PIECE_BYTES;
    *bytes = bytes_of(mover->rest.data, len);
    mover->rest = bytes_of(mover->rest.data + len, mover->rest.len - len);
    return mover->rest.len > 0 ? SOURCE_MORE : SOURCE_END;
}

static void on_evicted(struct listener *listener)
{
    const struct mover *mover = (const struct mover *)listener;
    exchange_evict(mover->exchange);
}

static uint64_t slow_ms(const struct listener *listener)
{
    const struct mover *mover = (const struct mover *)listener;
    return exchange_slow_ms(mover->exchange);
}

static void answer_get(struct mover *mover, const struct transcript *transcript)
{
    static const struct source content = {.measure = measure, .next = next, .release = mover_free};
    const struct exhibit *exhibit = transcript->exhibits;
    const struct problem too_large = {.status = 413,
                                      .code = "file_too_large",
                                      .detail = "The file is larger than the gateway returns.",
                                      .limit_bytes =
                                          mover->ask.service->config->output_files_bytes};
    if (!exhibit) {
        answer_no_file(mover);
        return;
    }
    if (artifact_is_cut(&exhibit->artifact)) {
        refuse(mover, &too_large);
        return;
    }
    mover->rest = exhibit->artifact.content;
    mover->listener.on_evicted = on_evicted;
    mover->listener.slow_ms = slow_ms;
    exchange_send(mover->exchange, "application/octet-stream", &content, mover);
}

void session_files_handle_get(const struct call *call)
{
    static const struct movement get = {.fill = fill_get, .answer = answer_get};
    move(call, &get);
}

static void answer_list(struct mover *mover, const struct transcript *transcript)
{
    struct buf body;
    struct json_out json;
    buf_init(&body, LIST_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_key(&json, "files");
    json_open(&json, '[');
    for (const struct exhibit *each = transcript->exhibits; each; each = each->next) {
        struct bytes path = each->artifact.path;
        json_open(&json, '{');
        json_key(&json, "path");
        json_put_string(&json, path.data, path.len);
        json_member_uint(&json, "size_bytes", each->artifact.size_bytes);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_member_bool(&json, "truncated",
                     transcript->outcome.left_out_count > 0 || transcript->is_short);
    json_close(&json, '}');
    exchange_answer(mover->exchange, 200, "application/json", &body);
    mover_free(mover);
}

void session_files_handle_list(const struct call *call)
{
    static const struct movement list = {.answer = answer_list};
    move(call, &list);
}
