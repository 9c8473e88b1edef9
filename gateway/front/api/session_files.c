#include "front/api/session_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/percent.h"
#include "common/quota.h"
#include "front/api/intake.h"
#include "front/api/reading.h"
#include "front/api/request_files.h"
#include "front/api/session_movement.h"
#include "front/api/session_query.h"
#include "front/runs/answer.h"

#define LIST_MAX_BYTES (QUOTA_ARTIFACTS_MAX * (6 * PATH_BYTES_MAX + 64))
#define PIECE_BYTES ((size_t)64 << 10)

/* ---- the routes ---- */

/* A client that waits until its files are listed, read, written or removed. */
struct mover {
    struct listener listener; /* to the run */
    struct session_movement movement;
    struct exchange *exchange;
    struct bytes rest; /* the unsent rest of a file's content */
};

static void mover_free(void *arg)
{
    struct mover *mover = arg;
    execution_detach(&mover->listener);
    session_movement_release(&mover->movement);
    free(mover);
}

static void read_path(struct session_movement *movement, const struct call *call,
                      struct field_errors *errors)
{
    buf_init(&movement->path, PATH_BYTES_MAX);
    if (percent_decode(exchange_parameter(call->exchange, 1), &movement->path))
        session_movement_check_path(movement, "path", errors);
    else
        field_errors_add(errors, "path",
                         movement->path.len < PATH_BYTES_MAX ? "is not percent-encoded"
                                                             : "is too long");
}

/* Make the body the request's only file. */
static void fill_body(const struct session_movement *movement, const struct call *call,
                      struct reading *reading)
{
    struct request_files *files = &reading->request->files;
    files->list = calloc(1, sizeof *files->list);
    if (!files->list) {
        reading->is_out_of_memory = true;
        return;
    }
    files->count = 1;
    files->list[0] = (struct request_file){.path = session_movement_path(movement),
                                           .content = exchange_body(call->exchange)};
    request_files_check_total(reading, files, "body", 0);
}

static void fill(void *arg, const struct call *call, struct reading *reading)
{
    struct mover *mover = arg;
    struct session_movement *movement = &mover->movement;
    bool lists = movement->deed == MOVEMENT_LIST;
    buf_init(&movement->glob, MOVEMENT_GLOB_MAX_BYTES);
    session_query_read(exchange_query(call->exchange), reading->config->queue_timeout_ms,
                       lists ? &movement->glob : NULL, &movement->queue_timeout_ms,
                       reading->errors);
    if (!lists)
        read_path(movement, call, reading->errors);
    session_movement_fill(movement, reading);
    if (movement->deed == MOVEMENT_WRITE && reading->request->session &&
        reading->errors->count == 0)
        fill_body(movement, call, reading);
}

static enum intake_next admit(const struct call *call, struct request *request, void *arg,
                              struct problem *problem)
{
    struct mover *mover = arg;
    bool waits = mover->movement.queue_timeout_ms > 0;
    (void)call;
    return session_ask_admit(&mover->movement.ask, waits, request, problem) ? INTAKE_BEGIN
                                                                            : INTAKE_REFUSE;
}

static void refuse(struct mover *mover, const struct problem *problem)
{
    exchange_answer_problem(mover->exchange, problem);
    mover_free(mover);
}

/* ---- the answers ---- */

static void answer_nothing(struct mover *mover)
{
    exchange_answer_static(mover->exchange, 204, NULL, (struct bytes){0});
    mover_free(mover);
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

static void answer_read(struct mover *mover, const struct transcript *transcript)
{
    static const struct source content = {.measure = measure, .next = next, .release = mover_free};
    mover->rest = transcript->exhibits->artifact.content;
    mover->listener.on_evicted = on_evicted;
    mover->listener.slow_ms = slow_ms;
    exchange_send(mover->exchange, "application/octet-stream", &content, mover);
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
    for (const struct exhibit *each = transcript->exhibits; each; each = each->next)
        exhibit_put_entry(each, &json);
    json_close(&json, ']');
    json_member_bool(&json, "truncated", session_movement_is_cut(transcript));
    json_close(&json, '}');
    exchange_answer(mover->exchange, 200, "application/json", &body);
    mover_free(mover);
}

static void answer(struct mover *mover, const struct transcript *transcript)
{
    switch (mover->movement.deed) {
    case MOVEMENT_LIST:
        answer_list(mover, transcript);
        break;
    case MOVEMENT_READ:
        answer_read(mover, transcript);
        break;
    case MOVEMENT_WRITE:
    case MOVEMENT_REMOVE:
        answer_nothing(mover);
        break;
    }
}

static void on_said(struct listener *listener)
{
    struct mover *mover = (struct mover *)listener; /* its first member */
    const struct transcript *transcript = execution_transcript(listener->execution);
    struct problem problem;
    if (transcript->state == TRANSCRIPT_UNFINISHED)
        return;
    if (session_movement_judge(&mover->movement, transcript, &problem))
        answer(mover, transcript);
    else
        refuse(mover, &problem);
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

static void move(const struct call *call, enum session_movement_deed deed)
{
    static const struct intake_terms terms = {.ignores_key = true,
                                              .fill = fill,
                                              .admit = admit,
                                              .on_begun = on_begun,
                                              .on_refused = on_refused,
                                              .on_gone = mover_free};
    struct mover *mover = calloc(1, sizeof *mover);
    if (!mover) {
        exchange_answer_problem(call->exchange, &problem_no_memory);
        return;
    }
    mover->exchange = call->exchange;
    mover->movement.deed = deed;
    session_ask_init(&mover->movement.ask, call);
    intake_take(call, &terms, mover);
}

void session_files_handle_list(const struct call *call)
{
    move(call, MOVEMENT_LIST);
}

void session_files_handle_get(const struct call *call)
{
    move(call, MOVEMENT_READ);
}

void session_files_handle_put(const struct call *call)
{
    move(call, MOVEMENT_WRITE);
}

void session_files_handle_delete(const struct call *call)
{
    move(call, MOVEMENT_REMOVE);
}
