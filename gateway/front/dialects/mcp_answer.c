#include "front/dialects/mcp_answer.h"

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

static void describe_refusal(struct buf *text, const struct problem *problem)
{
    const struct field_errors *errors = problem->errors;
    buf_printf(text, "The program did not run. %s",
               problem->detail ? problem->detail : "The gateway failed.");
    for (size_t i = 0; errors && i < errors->count; i++)
        buf_printf(text, "\n%s %s", errors->entries[i].field, errors->entries[i].message);
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

void mcp_answer_put_refusal(struct json_out *json, const struct problem *problem)
{
    struct buf text;
    buf_init(&text, PROBLEM_MAX_BYTES);
    describe_refusal(&text, problem);
    json_key(json, "content");
    json_open(json, '[');
    mcp_answer_put_text(json, buf_bytes(&text));
    json_close(json, ']');
    json_key(json, "structuredContent");
    json_open(json, '{');
    json_member_text(json, "status", "failed");
    json_member_text(json, "reason", "not_started");
    json_member_text(json, "code", problem->code);
    json_member_text(json, "message", problem->detail);
    if (problem->errors)
        put_field_errors(json, problem->errors);
    if (problem->retry_after_s > 0)
        json_member_uint(json, "retry_after", problem->retry_after_s);
    json_close(json, '}');
    json_member_bool(json, "isError", true);
    buf_release(&text);
}
