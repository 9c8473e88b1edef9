#include "front/dialects/mcp_answer.h"

#include <string.h>

#include "common/version.h"

/* ---- errors and results ---- */

static void put_head(struct json_out *json, const struct mcp_message *message)
{
    json_open(json, '{');
    json_member_text(json, "jsonrpc", "2.0");
    if (!message->id[0])
        return;
    json_key(json, "id");
    json->ok = json->ok && buf_append_string(json->out, message->id);
    json->comma = true;
}

static void put_versions(struct json_out *json, const struct mcp_message *message)
{
    json_key(json, "data");
    json_open(json, '{');
    json_key(json, "supported");
    json_open(json, '[');
    for (size_t i = 0; mcp_versions[i]; i++)
        json_put_text(json, mcp_versions[i]);
    json_close(json, ']');
    json_member_text(json, "requested", message->requested);
    json_close(json, '}');
}

void mcp_answer_put_error(struct json_out *json, const struct mcp_message *message)
{
    put_head(json, message);
    json_key(json, "error");
    json_open(json, '{');
    json_key(json, "code");
    json_put_int(json, message->fault);
    json_member_text(json, "message", message->reason);
    if (message->fault == MCP_UNSUPPORTED_VERSION)
        put_versions(json, message);
    json_close(json, '}');
    json_close(json, '}');
}

void mcp_answer_put_server(struct json_out *json, const char *name)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_text(json, "name", "mayfly");
    json_member_text(json, "version", MAYFLY_VERSION);
    json_close(json, '}');
}

void mcp_answer_open(struct json_out *json, const struct mcp_message *message)
{
    put_head(json, message);
    json_key(json, "result");
    json_open(json, '{');
    if (!message->is_modern)
        return;
    json_member_text(json, "resultType", "complete");
    json_key(json, "_meta");
    json_open(json, '{');
    mcp_answer_put_server(json, "io.modelcontextprotocol/serverInfo");
    json_close(json, '}');
}

void mcp_answer_close(struct json_out *json)
{
    json_close(json, '}');
    json_close(json, '}');
}

/* ---- content ---- */

void mcp_answer_put_text(struct json_out *json, struct bytes text)
{
    json_open(json, '{');
    json_member_text(json, "type", "text");
    json_key(json, "text");
    json_put_string(json, text.data, text.len);
    json_close(json, '}');
}

bool mcp_answer_is_image(struct bytes type)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (bytes_equal_string(type, types[i]))
            return true;
    }
    return false;
}

/* ---- refusals ---- */

/* Returns advice for a model about a problem of a session; "" if the detail already has it. */
static const char *advice(const char *code)
{
    static const struct {
        const char *code, *advice;
    } rows[] = {
        {"session_busy", " Wait until it has ended, or give queue_timeout to wait for a turn."},
        {"session_gone", " Its variables and files are lost. Open a new one with session_open, "
                         "without this session_id."},
        {"session_unknown", " Open one with session_open."},
        {"session_differs", " Leave out session_id to open another one."},
        {"session_limit", " Close a session that is not needed any more with session_close."},
        {"file_not_found",
         " Call session_files with the action \"list\" to see which files there are."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].code, code) == 0)
            return rows[i].advice;
    }
    return "";
}

static void add_sentence(struct buf *text, const char *sentence)
{
    size_t len = strlen(sentence);
    buf_printf(text, " %s%s", sentence, len > 0 && sentence[len - 1] == '.' ? "" : ".");
}

static void describe_refusal(struct buf *text, const struct problem *problem, const char *refused)
{
    const struct field_errors *errors = problem->errors;
    buf_append_string(text, refused);
    add_sentence(text, problem->detail ? problem->detail : "The gateway failed.");
    for (size_t i = 0; errors && i < errors->count; i++)
        buf_printf(text, "\n%s %s", errors->entries[i].field, errors->entries[i].message);
    if (problem->reason)
        buf_printf(text, " The reason is %s.", problem->reason);
    if (problem->running)
        buf_printf(text, " It is busy with the run %s.", problem->running);
    buf_append_string(text, advice(problem->code));
    if (problem->retry_after_s > 0)
        buf_printf(text, " Call again in %u seconds.", problem->retry_after_s);
}

static void put_field_errors(struct json_out *json, const struct field_errors *errors)
{
    json_key(json, "errors");
    json_open(json, '[');
    for (size_t i = 0; i < errors->count; i++) {
        json_open(json, '{');
        json_member_text(json, "field", errors->entries[i].field);
        json_member_text(json, "message", errors->entries[i].message);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void mcp_answer_put_refusal(struct json_out *json, const struct problem *problem,
                            const char *refused)
{
    struct buf text;
    buf_init(&text, PROBLEM_MAX_BYTES);
    describe_refusal(&text, problem, refused);
    json_key(json, "content");
    json_open(json, '[');
    mcp_answer_put_text(json, buf_bytes(&text));
    json_close(json, ']');
    json_key(json, "structuredContent");
    json_open(json, '{');
    json_member_text(json, "status", "failed");
    json_member_text(json, "reason", problem->reason ? problem->reason : "not_started");
    json_member_text(json, "code", problem->code);
    json_member_text(json, "message", problem->detail);
    if (problem->running)
        json_member_text(json, "running", problem->running);
    if (problem->errors)
        put_field_errors(json, problem->errors);
    if (problem->retry_after_s > 0)
        json_member_uint(json, "retry_after", problem->retry_after_s);
    json_close(json, '}');
    json_member_bool(json, "isError", true);
    buf_release(&text);
}
