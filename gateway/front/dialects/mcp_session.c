#include "front/dialects/mcp_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/glob.h"
#include "common/number.h"
#include "front/api/reading.h"
#include "front/api/request_files.h"
#include "front/api/request_reader.h"
#include "front/dialects/mcp_answer.h"
#include "front/dialects/mcp_files.h"
#include "front/dialects/mcp_outcome.h"

#define RESULT_MAX_BYTES (PROBLEM_MAX_BYTES * 3)
#define TEXT_MAX_BYTES 1024
#define SESSION_ID "session_id"
/* There was no memory for the result. */
#define NO_RESULT "\"content\":[],\"isError\":true"

struct mcp_session *mcp_session_new(enum mcp_session_deed deed, const char *refused,
                                    struct service *service, const char *owner)
{
    struct mcp_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    session->deed = deed;
    session->refused = refused;
    session_ask_init_for(&session->ask, service, owner);
    buf_init(&session->result, RESULT_MAX_BYTES);
    return session;
}

void mcp_session_free(struct mcp_session *session)
{
    if (!session)
        return;
    switch (session->deed) {
    case MCP_SESSION_OPEN:
        session_opening_release(&session->opening);
        break;
    case MCP_SESSION_FILES:
        session_movement_release(&session->movement);
        break;
    case MCP_NO_SESSION:
    case MCP_SESSION_RUN:
    case MCP_SESSION_CLOSE:
        session_ask_release(&session->ask);
        break;
    }
    buf_release(&session->result);
    free(session);
}

/* ---- arguments ---- */

/* One that is read later, since it needs more than the reading. */
static void read_text(struct reading *reading, const char *name, const struct json *value)
{
    reading_is_type(reading, name, value, JSON_STRING);
}

static void require(struct reading *reading, const struct json *arguments, const char *name)
{
    if (!json_get(arguments, name))
        field_errors_add(reading->errors, name, "is required");
}

static struct bytes text_of(const struct json *arguments, const char *name)
{
    const struct json *value = json_get(arguments, name);
    return json_type_of(value) == JSON_STRING ? json_string(value) : (struct bytes){0};
}

/* The session that the arguments name. */
static void read_id(struct session_ask *ask, struct reading *reading, const struct json *arguments)
{
    struct bytes id = text_of(arguments, SESSION_ID);
    reading->session = &ask->asked;
    require(reading, arguments, SESSION_ID);
    if (job_is_session_name(id))
        bytes_copy_cut(ask->name, sizeof ask->name, id);
}

static void read_members(struct reading *reading, const struct field *table,
                         const struct json *arguments)
{
    if (arguments)
        reading_members(reading, table, "", arguments);
    request_check_members(reading);
}

static void read_open(struct session_opening *opening, struct reading *reading,
                      const struct json *arguments)
{
    static const struct field table[] = {
        {SESSION_ID, session_request_read_id},
        {"runtime", session_request_read_member},
        {"files", session_request_read_member},
        {"idle_timeout", session_request_read_member},
        {"max_lifetime", session_request_read_member},
        {NULL, NULL},
    };
    reading->session = &opening->ask.asked;
    read_members(reading, table, arguments);
    session_opening_complete(opening, reading);
}

static void read_run(struct session_ask *ask, struct reading *reading, const struct json *arguments)
{
    static const struct field table[] = {
        {SESSION_ID, session_request_read_id},
        {"code", request_read_member},
        {"stdin", request_read_member},
        {"files", request_read_member},
        {"outputs", request_read_member},
        {"timeout", request_read_member},
        {"queue_timeout", session_request_read_member},
        {NULL, NULL},
    };
    read_id(ask, reading, arguments);
    require(reading, arguments, "code");
    session_ask_begin_cell(ask, reading);
    read_members(reading, table, arguments);
    session_ask_end_cell(ask, reading->request);
}

/* Is this argument for another action? */
static void refuse_argument(struct reading *reading, const struct json *arguments, const char *name,
                            bool is_fine)
{
    if (!is_fine && json_get(arguments, name))
        field_errors_add(reading->errors, name, "has no meaning for this action");
}

static void read_path(struct session_movement *movement, struct reading *reading,
                      const struct json *arguments)
{
    struct bytes path = text_of(arguments, "path");
    require(reading, arguments, "path");
    buf_init(&movement->path, PATH_BYTES_MAX);
    if (!path.data)
        return;
    if (buf_append(&movement->path, path.data, path.len))
        session_movement_check_path(movement, "path", reading->errors);
    else
        field_errors_add(reading->errors, "path", "is too long");
}

static void read_pattern(struct session_movement *movement, struct reading *reading,
                         const struct json *arguments)
{
    struct bytes pattern = text_of(arguments, "pattern");
    buf_init(&movement->glob, MOVEMENT_GLOB_MAX_BYTES);
    if (!pattern.data)
        return;
    const char *fault = "is too long";
    if (buf_append(&movement->glob, pattern.data, pattern.len))
        fault = glob_fault(request_path(buf_bytes(&movement->glob)));
    if (fault)
        field_errors_add(reading->errors, "pattern", "%s", fault);
}

static void read_action(struct session_movement *movement, struct reading *reading,
                        const struct json *arguments)
{
    static const char *const words[] = {[MOVEMENT_LIST] = "list",
                                        [MOVEMENT_READ] = "read",
                                        [MOVEMENT_WRITE] = "write",
                                        [MOVEMENT_REMOVE] = "delete",
                                        NULL};
    unsigned word = MOVEMENT_LIST;
    require(reading, arguments, "action");
    if (json_get(arguments, "action"))
        reading_word(reading, "action", json_get(arguments, "action"), words, &word);
    movement->deed = word;
    bool has_path = movement->deed == MOVEMENT_READ || movement->deed == MOVEMENT_REMOVE;
    refuse_argument(reading, arguments, "path", has_path);
    refuse_argument(reading, arguments, "pattern", movement->deed == MOVEMENT_LIST);
    refuse_argument(reading, arguments, "files", movement->deed == MOVEMENT_WRITE);
    if (has_path)
        read_path(movement, reading, arguments);
    else if (movement->deed == MOVEMENT_LIST)
        read_pattern(movement, reading, arguments);
    else
        require(reading, arguments, "files");
}

static void read_files(struct session_movement *movement, struct reading *reading,
                       const struct json *arguments)
{
    static const struct field table[] = {
        {SESSION_ID, session_request_read_id},
        {"action", read_text},
        {"path", read_text},
        {"pattern", read_text},
        {"files", request_read_member},
        {"queue_timeout", session_request_read_member},
        {NULL, NULL},
    };
    struct session_ask *ask = &movement->ask;
    read_id(ask, reading, arguments);
    read_members(reading, table, arguments);
    read_action(movement, reading, arguments);
    movement->queue_timeout_ms = ask->asked.waits ? reading->request->job.queue_timeout_ms : 0;
    session_movement_fill(movement, reading);
}

static void read_close(struct session_ask *ask, struct reading *reading,
                       const struct json *arguments)
{
    static const struct field table[] = {{SESSION_ID, session_request_read_id}, {NULL, NULL}};
    read_id(ask, reading, arguments);
    read_members(reading, table, arguments);
}

bool mcp_session_read(struct mcp_session *session, struct reading *reading,
                      const struct json *arguments)
{
    switch (session->deed) {
    case MCP_SESSION_OPEN:
        read_open(&session->opening, reading, arguments);
        break;
    case MCP_SESSION_RUN:
        read_run(&session->ask, reading, arguments);
        break;
    case MCP_SESSION_FILES:
        read_files(&session->movement, reading, arguments);
        break;
    case MCP_NO_SESSION:
    case MCP_SESSION_CLOSE:
        read_close(&session->ask, reading, arguments);
        return reading->errors->count > 0; /* these are the refusal of a run */
    }
    return true;
}

/* ---- may it begin? ---- */

/* A session that another call is opening counts as busy, because that call may still fail or be
 * canceled. */
static enum intake_next admit_opening(struct session_opening *opening, struct request *request,
                                      struct problem *problem)
{
    enum intake_next next = session_opening_admit(opening, request, problem);
    if (next != INTAKE_OTHER || !session_is_opening(opening->ask.session))
        return next;
    *problem = session_ask_busy(&opening->ask);
    return INTAKE_REFUSE;
}

enum intake_next mcp_session_admit(struct mcp_session *session, struct request *request,
                                   struct problem *problem)
{
    struct session_ask *ask = &session->ask;
    if (session->deed == MCP_SESSION_OPEN)
        return admit_opening(&session->opening, request, problem);
    return session_ask_admit(ask, ask->asked.waits, request, problem) ? INTAKE_BEGIN
                                                                      : INTAKE_REFUSE;
}

/* ---- short results ---- */

/* Put the content for models, and open the structured content for programs. */
static void open_result(struct json_out *json, const char *text)
{
    json_key(json, "content");
    json_open(json, '[');
    mcp_answer_put_text(json, bytes_of_string(text));
    json_close(json, ']');
    json_key(json, "structuredContent");
    json_open(json, '{');
}

static void close_result(struct json_out *json)
{
    json_close(json, '}');
    json_member_bool(json, "isError", false);
}

static void put_opened(struct json_out *json, const struct session_opening *opening)
{
    static const char found[] =
        "open already, with its variables and files; any files of this call were not written";
    char text[TEXT_MAX_BYTES], idle[NUMBER_MILLIS_BYTES];
    const struct session *session = opening->ask.session;
    const struct session_notice *notice = &session->notice;
    snprintf(text, sizeof text,
             "The session is %s. Give session_id \"%s\" to session_run, session_files and "
             "session_close. It ends after %s seconds without a call.",
             opening->is_first ? "open" : found, notice->name,
             number_format_millis(idle, notice->idle_ms));
    open_result(json, text);
    json_key(json, "session");
    session_ask_put(json, session);
    close_result(json);
}

static void put_deed(struct json_out *json, const struct mcp_session *session)
{
    switch (session->deed) {
    case MCP_SESSION_OPEN:
        put_opened(json, &session->opening);
        return;
    case MCP_SESSION_FILES:
        open_result(json, session->movement.deed == MOVEMENT_WRITE ? "The files are written."
                                                                   : "The file is deleted.");
        break;
    case MCP_SESSION_CLOSE:
        open_result(json, "The session has ended.");
        json_member_bool(json, "closed", true);
        break;
    case MCP_NO_SESSION:
    case MCP_SESSION_RUN:
        break;
    }
    close_result(json);
}

/* Write the result of the deed, or the problem; `problem` is NULL if there is none. */
static void write_result(struct mcp_session *session, const struct problem *problem)
{
    struct json_out json;
    buf_truncate(&session->result, 0);
    json_begin(&json, &session->result);
    if (problem)
        mcp_answer_put_refusal(&json, problem, session->refused);
    else
        put_deed(&json, session);
    if (!json.ok)
        buf_truncate(&session->result, 0);
}

struct bytes mcp_session_result(const struct mcp_session *session)
{
    return session->result.len > 0 ? buf_bytes(&session->result) : bytes_of_string(NO_RESULT);
}

void mcp_session_settle(struct mcp_session *session)
{
    struct problem problem;
    bool is_done = session->deed == MCP_SESSION_OPEN
                       ? session_opening_find(&session->opening, &problem)
                       : session_ask_end(&session->ask, &problem);
    write_result(session, is_done ? NULL : &problem);
}

/* ---- the end of a run ---- */

/* Was it done? */
static bool judge(struct mcp_session *session, const struct transcript *transcript,
                  struct field_errors *errors, struct problem *problem)
{
    if (session->deed == MCP_SESSION_OPEN)
        return session_opening_judge(&session->opening, transcript, errors, problem);
    if (session->deed == MCP_SESSION_FILES)
        return session_movement_judge(&session->movement, transcript, problem);
    if (transcript->state != TRANSCRIPT_REFUSED)
        return true;
    *problem = answer_problem(transcript, &session->ask.why);
    return false;
}

/* Returns the form of a result that may be long; a finished rendering, if it is short. */
static struct rendering begin_long(const struct mcp_session *session, const struct mcp_frame *frame,
                                   const struct transcript *transcript)
{
    if (session->deed == MCP_SESSION_RUN)
        return mcp_outcome_begin(frame, transcript);
    if (session->deed == MCP_SESSION_FILES && session->movement.deed == MOVEMENT_LIST)
        return mcp_files_begin_list(frame, transcript);
    if (session->deed == MCP_SESSION_FILES && session->movement.deed == MOVEMENT_READ)
        return mcp_files_begin_content(frame, transcript);
    return (struct rendering){.part = RENDERING_FINISHED};
}

struct rendering mcp_session_begin(struct mcp_session *session, struct mcp_frame *frame,
                                   const struct transcript *transcript)
{
    struct field_errors errors;
    struct problem problem;
    if (session->result.len == 0 && judge(session, transcript, &errors, &problem)) {
        struct rendering rendering = begin_long(session, frame, transcript);
        if (!rendering_is_finished(&rendering))
            return rendering;
        write_result(session, NULL);
    } else if (session->result.len == 0) {
        write_result(session, &problem);
    }
    frame->inside = mcp_session_result(session);
    return mcp_frame_begin(frame, transcript);
}
