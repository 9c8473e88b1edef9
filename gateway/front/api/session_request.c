#include "front/api/session_request.h"

#include <stdio.h>
#include <string.h>

#include "common/variable.h"
#include "front/api/request.h"
#include "front/api/request_reader.h"

#define FIXED "cannot be given here: it is fixed when the session is opened"
#define IMPOSSIBLE "is not possible in a session"

/* ---- members that are refused ---- */

static void complain_of_fixed(struct reading *reading, const char *name, const struct json *value)
{
    (void)value;
    field_errors_add(reading->errors, name, FIXED);
}

static void complain_of_impossible(struct reading *reading, const char *name,
                                   const struct json *value)
{
    (void)value;
    field_errors_add(reading->errors, name, IMPOSSIBLE);
}

/* ---- opening ---- */

void session_request_read_id(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes id = json_string(value);
    if (job_is_session_name(id))
        bytes_copy_cut(reading->session->id, sizeof reading->session->id, id);
    else
        field_errors_add(
            reading->errors, name,
            "must be 1 to %d letters, digits, '.', '_' or '-', beginning with a letter or a digit",
            JOB_SESSION_NAME_MAX);
}

static void read_runtime(struct reading *reading, const char *name, const struct json *value)
{
    reading->session->has_runtime = true;
    request_read_member(reading, name, value);
}

static void read_idle(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_SESSION_MS, reading->config->max_session_ms,
                   &reading->session->idle_ms);
}

static void read_life(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_SESSION_MS, reading->config->max_session_ms,
                   &reading->session->life_ms);
}

static void read_env(struct reading *reading, const char *name, const struct json *value)
{
    const char *variable;
    const struct json *member;
    size_t position = 0;
    request_read_member(reading, name, value);
    if (json_type_of(value) != JSON_OBJECT)
        return;
    while (json_next(value, &position, &variable, &member)) {
        char field[READING_NAME_BYTES];
        snprintf(field, sizeof field, "%s.%.*s", name, READING_NAME_SHOWN, variable);
        if (variable_is_read_at_start(bytes_of_string(variable)))
            field_errors_add(reading->errors, field,
                             "cannot be set: Python has read it before a session is opened");
    }
}

/* Note which limits were given, to compare them with those of a live session. */
static void read_limit(struct reading *reading, const char *name, const struct json *value)
{
    struct limits *given = &reading->session->limits;
    const struct limits *limits = &reading->request->job.limits;
    const char *member = strchr(name, '.') + 1;
    request_read_limit(reading, member, value);
    if (strcmp(member, "memory_bytes") == 0)
        given->memory_bytes = limits->memory_bytes;
    else if (strcmp(member, "cpus") == 0)
        given->cpu_millis = limits->cpu_millis;
    else if (strcmp(member, "pids") == 0)
        given->pids = limits->pids;
    reading->session->has_cpu_time |= strcmp(member, "cpu_time") == 0;
    reading->session->has_output_bytes |= strcmp(member, "output_bytes") == 0;
}

static void read_limits(struct reading *reading, const char *name, const struct json *value)
{
    static const struct field table[] = {
        {"memory_bytes", read_limit}, {"cpus", read_limit},         {"cpu_time", read_limit},
        {"pids", read_limit},         {"output_bytes", read_limit}, {NULL, NULL},
    };
    if (reading_is_type(reading, name, value, JSON_OBJECT))
        reading_members(reading, table, "limits.", value);
}

static void read_queue_timeout(struct reading *reading, const char *name, const struct json *value)
{
    reading->session->waits = true;
    request_read_member(reading, name, value);
}

static const struct field opening_fields[] = {
    {"id", session_request_read_id},
    {"runtime", read_runtime},
    {"limits", read_limits},
    {"env", read_env},
    {"files", request_read_member},
    {"idle_timeout", read_idle},
    {"max_lifetime", read_life},
    {"queue_timeout", read_queue_timeout},
    {NULL, NULL},
};

void session_request_read_member(struct reading *reading, const char *member,
                                 const struct json *value)
{
    const struct field *field = opening_fields;
    while (field->name && strcmp(field->name, member) != 0)
        field++;
    if (field->name)
        field->read(reading, member, value);
    else
        request_read_member(reading, member, value);
}

void session_request_read_opening(struct reading *reading, const struct json *document)
{
    if (!reading_is_type(reading, "", document, JSON_OBJECT))
        return;
    reading_members(reading, opening_fields, "", document);
    request_check_members(reading);
}

/* ---- a cell ---- */

static void read_mode(struct reading *reading, const char *name, const struct json *value)
{
    if (json_type_of(value) != JSON_STRING || !bytes_equal_string(json_string(value), "cell"))
        field_errors_add(reading->errors, name, "must be \"cell\": a session runs cells");
}

static void read_cell_limit(struct reading *reading, const char *name, const struct json *value)
{
    request_read_limit(reading, strchr(name, '.') + 1, value);
}

static void read_cell_limits(struct reading *reading, const char *name, const struct json *value)
{
    static const struct field table[] = {
        {"cpu_time", read_cell_limit},       {"output_bytes", read_cell_limit},
        {"memory_bytes", complain_of_fixed}, {"cpus", complain_of_fixed},
        {"pids", complain_of_fixed},         {NULL, NULL},
    };
    if (reading_is_type(reading, name, value, JSON_OBJECT))
        reading_members(reading, table, "limits.", value);
}

void session_request_read_cell(struct reading *reading, const struct json *document)
{
    static const struct field table[] = {
        {"code", request_read_member},
        {"mode", read_mode},
        {"timeout", request_read_member},
        {"queue_timeout", read_queue_timeout},
        {"stdin", request_read_member},
        {"limits", read_cell_limits},
        {"output_encoding", request_read_member},
        {"output", request_read_member},
        {"files", request_read_member},
        {"outputs", request_read_member},
        {"runtime", complain_of_fixed},
        {"env", complain_of_fixed},
        {"args", complain_of_impossible},
        {"buffering", complain_of_impossible},
        {"isolation", complain_of_impossible},
        {"tests", complain_of_impossible},
        {"stop_on", complain_of_impossible},
        {"total_timeout", complain_of_impossible},
        {"tests_output", complain_of_impossible},
        {NULL, NULL},
    };
    if (!reading_is_type(reading, "", document, JSON_OBJECT))
        return;
    reading_members(reading, table, "", document);
    if (!json_get(document, "code"))
        field_errors_add(reading->errors, "code", "is required");
    request_check_members(reading);
}

/* ---- keepalive ---- */

void session_request_read_keepalive(struct reading *reading, const struct json *document)
{
    static const struct field table[] = {{"idle_timeout", read_idle}, {NULL, NULL}};
    if (reading_is_type(reading, "", document, JSON_OBJECT))
        reading_members(reading, table, "", document);
}
