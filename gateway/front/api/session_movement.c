#include "front/api/session_movement.h"

#include <string.h>

#include "common/glob.h"
#include "front/api/reading.h"
#include "front/api/request_files.h"
#include "front/runs/answer.h"

#define ALL_FILES "**"

static const struct problem no_file = {.status = 404,
                                       .code = "file_not_found",
                                       .detail = "The session has no regular file at this path."};

void session_movement_release(struct session_movement *movement)
{
    session_ask_release(&movement->ask);
    buf_release(&movement->path);
    buf_release(&movement->glob);
}

/* ---- the request ---- */

struct bytes session_movement_path(const struct session_movement *movement)
{
    return request_path(buf_bytes(&movement->path));
}

void session_movement_check_path(const struct session_movement *movement, const char *name,
                                 struct field_errors *errors)
{
    const char *fault = path_fault(session_movement_path(movement));
    if (fault)
        field_errors_add(errors, name, "%s", fault);
}

/* Write the path as a glob that matches nothing else. */
static void make_glob(struct session_movement *movement)
{
    struct bytes path = session_movement_path(movement);
    buf_init(&movement->glob, MOVEMENT_GLOB_MAX_BYTES);
    for (size_t i = 0; i < path.len; i++) {
        char c = (char)path.data[i];
        if (c && strchr(GLOB_SPECIAL, c))
            buf_printf(&movement->glob, "[%c]", c);
        else
            buf_append(&movement->glob, &c, 1);
    }
}

static void fill_list(struct session_movement *movement, struct reading *reading)
{
    if (!movement->glob.max_bytes)
        buf_init(&movement->glob, MOVEMENT_GLOB_MAX_BYTES);
    if (movement->glob.len == 0 && !buf_append_string(&movement->glob, ALL_FILES))
        reading->is_out_of_memory = true;
    reading->request->job.files_bytes = 1; /* the least: no content is wanted */
}

void session_movement_fill(struct session_movement *movement, struct reading *reading)
{
    struct session_ask *ask = &movement->ask;
    struct job *job = &reading->request->job;
    struct problem problem;
    if (!session_ask_find(ask, &problem) || session_is_opening(ask->session))
        return; /* session_ask_admit reports this */
    session_ask_prepare(ask, reading->request);
    job->takes_turn = movement->queue_timeout_ms > 0;
    if (job->takes_turn)
        job->queue_timeout_ms = movement->queue_timeout_ms;
    if (reading->errors->count > 0)
        return;
    switch (movement->deed) {
    case MOVEMENT_LIST:
        fill_list(movement, reading);
        break;
    case MOVEMENT_READ:
        make_glob(movement);
        job->files_bytes = job->file_bytes = reading->config->output_files_bytes;
        break;
    case MOVEMENT_WRITE:
        break;
    case MOVEMENT_REMOVE:
        reading->request->removed_path = session_movement_path(movement);
        break;
    }
    reading->request->glob = request_path(buf_bytes(&movement->glob));
}

/* ---- its end ---- */

/* Returns the problem of a run that failed. Only init's own reason is shown to people. */
static struct problem failure(struct session_movement *movement,
                              const struct transcript *transcript)
{
    const struct outcome *outcome = &transcript->outcome;
    const struct session_note *session = &transcript->session;
    if (outcome->verdict != VERDICT_EXITED && session->name[0] && session->state == SESSION_GONE)
        return session_ask_gone(session->reason);
    if (outcome->verdict != VERDICT_EXITED) {
        error_set(&movement->why, ERR_ENGINE, "The session's box did not move the file in time");
        return problem_of_error(&movement->why, SESSION_RETRY_MS);
    }
    error_set(&movement->why, ERR_INVALID, "%s", outcome->text);
    struct problem problem = problem_of_error(&movement->why, 0);
    problem.code = "file_refused";
    return problem;
}

bool session_movement_judge(struct session_movement *movement, const struct transcript *transcript,
                            struct problem *problem)
{
    const struct exhibit *exhibit = transcript->exhibits;
    const struct outcome *outcome = &transcript->outcome;
    if (transcript->state == TRANSCRIPT_REFUSED) {
        *problem = answer_problem(transcript, &movement->why);
        return false;
    }
    bool reads = movement->deed == MOVEMENT_READ, removes = movement->deed == MOVEMENT_REMOVE;
    bool has_exited = outcome->verdict == VERDICT_EXITED;
    bool has_failed = !has_exited || outcome->exit_code != 0;
    if (has_failed && !(has_exited && removes))
        *problem = failure(movement, transcript);
    else if (has_failed || (reads && !exhibit))
        *problem = no_file;
    else if (reads && artifact_is_cut(&exhibit->artifact))
        *problem =
            (struct problem){.status = 413,
                             .code = "file_too_large",
                             .detail = "The file is larger than the gateway returns.",
                             .limit_bytes = movement->ask.service->config->output_files_bytes};
    else
        return true;
    return false;
}

bool session_movement_is_cut(const struct transcript *transcript)
{
    return transcript->outcome.left_out_count > 0 || transcript->is_short;
}
