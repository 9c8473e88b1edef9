#include "front/http/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/utf8.h"

const char *status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {499, "Client Closed Request"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Unknown";
}

/* Copy as much of the text as fits, without cutting a character. */
static void copy_cut(char *to, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size)
        len = utf8_cut((const uint8_t *)text, size - 1);
    memcpy(to, text, len);
    to[len] = '\0';
}

void field_errors_add(struct field_errors *errors, const char *field, const char *format, ...)
{
    if (errors->count == FIELD_ERRORS_MAX) {
        errors->dropped_count++;
        return;
    }
    struct field_error *entry = &errors->entries[errors->count++];
    copy_cut(entry->field, sizeof entry->field, field);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry->message, sizeof entry->message, format, arguments);
    va_end(arguments);
}

static void write_field_error(struct json_out *json, const char *field, const char *message)
{
    json_open(json, '{');
    json_key(json, "field");
    json_put_text(json, field);
    json_key(json, "message");
    json_put_text(json, message);
    json_close(json, '}');
}

static void write_field_errors(struct json_out *json, const struct field_errors *errors)
{
    json_key(json, "errors");
    json_open(json, '[');
    for (size_t i = 0; i < errors->count; i++)
        write_field_error(json, errors->entries[i].field, errors->entries[i].message);
    if (errors->dropped_count > 0) {
        char message[64];
        snprintf(message, sizeof message, "further invalid fields: %zu", errors->dropped_count);
        write_field_error(json, "", message);
    }
    json_close(json, ']');
}

bool problem_write(struct buf *out, const struct problem *problem)
{
    size_t before = out->len;
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    json_key(&json, "type");
    json_put_text(&json, "about:blank");
    json_key(&json, "title");
    json_put_text(&json, status_phrase(problem->status));
    json_key(&json, "status");
    json_put_int(&json, problem->status);
    if (problem->detail) {
        json_key(&json, "detail");
        json_put_text(&json, problem->detail);
    }
    json_key(&json, "code");
    json_put_text(&json, problem->code);
    if (problem->reason)
        json_member_text(&json, "reason", problem->reason);
    if (problem->running)
        json_member_text(&json, "running", problem->running);
    if (problem->limit_bytes > 0)
        json_member_uint(&json, "limit_bytes", problem->limit_bytes);
    if (problem->errors)
        write_field_errors(&json, problem->errors);
    json_close(&json, '}');
    if (!json.ok)
        buf_truncate(out, before);
    return json.ok;
}

uint32_t problem_seconds(uint64_t ms)
{
    uint64_t seconds = ms / 1000 + (ms % 1000 > 0);
    return seconds < 1 ? 1 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

const struct problem problem_no_memory = {
    .status = 500, .code = "internal_error", .detail = PROBLEM_NO_MEMORY};

struct problem problem_of_error(const struct error *why, uint32_t retry_ms)
{
    struct problem problem = {.status = 500, .code = "internal_error", .detail = why->text};
    switch (why->kind) {
    case ERR_BUSY:
        problem.code = "busy";
        break;
    case ERR_DRAINING:
        problem.code = "draining";
        break;
    case ERR_ENGINE:
    case ERR_GONE: /* the broker's peer can only be the engine */
    case ERR_TIMEOUT:
    case ERR_PROTOCOL:
        problem.code = "engine_unavailable";
        break;
    case ERR_INVALID:
        problem.status = 422;
        problem.code = "invalid_request";
        return problem;
    case ERR_SESSION_BUSY:
        problem.status = 409;
        problem.code = "session_busy";
        problem.retry_after_s = problem_seconds(retry_ms);
        return problem;
    case ERR_SESSION_TAKEN:
        problem.status = 409;
        problem.code = "session_differs";
        return problem;
    case ERR_SESSION_GONE:
        problem.status = 410;
        problem.code = "session_gone";
        return problem;
    case ERR_SESSION_LIMIT:
        problem.status = 429;
        problem.code = "session_limit";
        problem.retry_after_s = problem_seconds(retry_ms);
        return problem;
    case ERR_NONE:
    case ERR_SYSTEM:
    case ERROR_KINDS_COUNT:
        return problem;
    }
    problem.status = 503;
    problem.retry_after_s = problem_seconds(retry_ms);
    return problem;
}

struct problem problem_of_fields(const struct field_errors *errors)
{
    return (struct problem){.status = 422,
                            .code = "invalid_request",
                            .detail = "Some fields of the request are invalid.",
                            .errors = errors};
}

struct problem problem_too_large(uint64_t limit_bytes, char detail[PROBLEM_DETAIL_BYTES])
{
    snprintf(detail, PROBLEM_DETAIL_BYTES, "The request's body is larger than %llu bytes.",
             (unsigned long long)limit_bytes);
    return (struct problem){
        .status = 413, .code = "body_too_large", .detail = detail, .limit_bytes = limit_bytes};
}
