#include "front/dialects/mcp_post.h"

#include <stdlib.h>
#include <string.h>

#include "front/api/reading.h"
#include "front/api/request_reader.h"
#include "front/dialects/mcp_answer.h"
#include "front/dialects/mcp_session.h"
#include "front/dialects/mcp_tools.h"

void mcp_post_free(struct mcp_post *post)
{
    free(post->messages);
    mcp_session_free(post->session);
    buf_release(&post->before);
    buf_release(&post->after);
    free(post);
}

void mcp_post_shrink(struct mcp_post *post)
{
    free(post->messages);
    post->messages = post->run = NULL;
    post->count = 0;
    buf_trim(&post->before);
    buf_trim(&post->after);
    post->frame =
        (struct mcp_frame){.before = buf_bytes(&post->before), .after = buf_bytes(&post->after)};
}

/* ---- reading ---- */

/* Check a message's restrictions within a batch. All answers but one must be short, because they
 * wait in memory. */
static void check_in_batch(struct mcp_post *post, struct mcp_message *message)
{
    if (message->is_modern || message->method == MCP_INITIALIZE) {
        mcp_message_fail(message, MCP_INVALID_REQUEST, "This request must not be in a batch");
        return;
    }
    if (message->method != MCP_TOOLS_LIST && message->method != MCP_TOOLS_CALL)
        return;
    if (post->has_tools)
        mcp_message_fail(
            message, MCP_INVALID_REQUEST,
            "Only one message of a batch may list or call tools: send the others alone");
    post->has_tools = true;
}

static void settle(struct mcp_post *post, struct mcp_message *message)
{
    if (post->is_batch && message->fault == MCP_FINE)
        check_in_batch(post, message);
    if (message->fault == MCP_FINE && message->tool && !message->tool->put_result)
        post->run = message;
}

/* Make the body a single message, with the fault of the whole body. */
static void fail_body(struct mcp_post *post, const char *reason)
{
    post->count = 1;
    post->is_batch = false;
    post->messages[0] = (struct mcp_message){.kind = MCP_REQUEST};
    mcp_message_fail(&post->messages[0], MCP_INVALID_REQUEST, "%s", reason);
}

static void read_messages(struct mcp_post *post, const struct json *document)
{
    const struct mcp_headers *headers = &post->headers;
    if (!post->is_batch) {
        mcp_message_read(post->messages, document, headers);
        settle(post, post->messages);
        return;
    }
    if (!mcp_message_may_batch(headers)) {
        fail_body(post, "A body must be a single message");
        return;
    }
    for (size_t i = 0; i < post->count; i++) {
        mcp_message_read(&post->messages[i], json_array_at(document, i), headers);
        settle(post, &post->messages[i]);
    }
}

/* Read the arguments of the call. Returns false only if the call needs no run, and its arguments
 * have no mistake. When memory is out, sets reading->is_out_of_memory and returns true. */
static bool read_run(struct mcp_post *post, struct reading *reading)
{
    const struct mcp_message *run = post->run;
    const struct mcp_tool *tool = run->tool;
    if (tool->session == MCP_NO_SESSION) {
        request_read_object(reading, run->arguments, tool->fields);
        if (run->token[0])
            reading->request->buffering = BUFFERING_LINE;
        return true;
    }
    post->session = mcp_session_new(tool->session, tool->refused, post->service, post->owner);
    if (post->session)
        return mcp_session_read(post->session, reading, run->arguments);
    reading->is_out_of_memory = true;
    return true;
}

bool mcp_post_read(struct mcp_post *post, struct reading *reading, const struct json *document)
{
    post->is_batch = json_type_of(document) == JSON_ARRAY;
    post->count = post->is_batch ? json_array_len(document) : 1;
    bool is_possible = post->count >= 1 && post->count <= MCP_BATCH_MAX;
    post->messages = calloc(is_possible ? post->count : 1, sizeof *post->messages);
    if (!post->messages)
        post->count = 0;
    else if (is_possible)
        read_messages(post, document);
    else
        fail_body(post, "A batch must have from 1 to 16 messages");
    if (!post->run)
        return false;
    return read_run(post, reading);
}

/* ---- answers ---- */

static void put_implementation(struct json_out *json, const struct mcp_message *message)
{
    json_key(json, "capabilities");
    json_open(json, '{');
    json_key(json, "tools");
    json_open(json, '{');
    json_close(json, '}');
    json_close(json, '}');
    if (message->method == MCP_INITIALIZE)
        mcp_answer_put_server(json, "serverInfo");
    json_member_text(json, "instructions", MCP_TOOLS_INSTRUCTIONS);
}

/* Allow the client to cache this for a while, but only privately: it depends on the caller's
 * key. */
static void put_caching(struct json_out *json, const struct mcp_message *message)
{
    if (!message->is_modern)
        return;
    json_member_uint(json, "ttlMs", MCP_LIST_TTL_MS);
    json_member_text(json, "cacheScope", "private");
}

static void put_discovery(struct json_out *json, const struct mcp_message *message)
{
    json_key(json, "supportedVersions");
    json_open(json, '[');
    for (size_t i = 0; mcp_versions[i]; i++)
        json_put_text(json, mcp_versions[i]);
    json_close(json, ']');
    put_implementation(json, message);
    put_caching(json, message);
}

static void put_list(struct json_out *json, const struct mcp_message *message,
                     const struct call *call)
{
    struct config narrowed;
    json_key(json, "tools");
    mcp_tools_put(json, call_config(call, &narrowed));
    put_caching(json, message);
}

/* Put the members of the result of a call that had no run. */
static void put_result_of_call(struct json_out *json, const struct mcp_post *post,
                               const struct mcp_message *message, const struct call *call)
{
    if (message->tool->put_result) {
        message->tool->put_result(json, call);
        return;
    }
    struct bytes members = mcp_session_result(post->session);
    json->ok = json->ok && (!json->comma || buf_append(json->out, ",", 1)) &&
               buf_append(json->out, members.data, members.len);
    json->comma = true;
}

static void put_result(struct json_out *json, const struct mcp_post *post,
                       const struct mcp_message *message, const struct call *call)
{
    mcp_answer_open(json, message);
    switch (message->method) {
    case MCP_INITIALIZE:
        json_member_text(json, "protocolVersion", message->version);
        put_implementation(json, message);
        break;
    case MCP_DISCOVER:
        put_discovery(json, message);
        break;
    case MCP_TOOLS_LIST:
        put_list(json, message, call);
        break;
    case MCP_TOOLS_CALL:
        put_result_of_call(json, post, message, call);
        break;
    case MCP_PING:
    case MCP_CANCELLED:
    case MCP_OTHER:
        break;
    }
    mcp_answer_close(json);
}

bool mcp_post_has_answer(const struct mcp_message *message)
{
    return message->kind == MCP_REQUEST || message->fault != MCP_FINE;
}

/* Write the answers to the messages `begin` to `end`. */
static void put_answers(struct json_out *json, const struct mcp_post *post, const struct call *call,
                        size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        const struct mcp_message *message = &post->messages[i];
        if (message->fault != MCP_FINE)
            mcp_answer_put_error(json, message);
        else if (mcp_post_has_answer(message))
            put_result(json, post, message, call);
    }
}

bool mcp_post_write_answers(const struct mcp_post *post, const struct call *call, struct buf *body)
{
    struct json_out json;
    bool is_silent = true;
    for (size_t i = 0; i < post->count; i++)
        is_silent = is_silent && !mcp_post_has_answer(&post->messages[i]);
    if (is_silent)
        return true;
    json_begin(&json, body);
    if (post->is_batch)
        json_open(&json, '[');
    put_answers(&json, post, call, 0, post->count);
    if (post->is_batch)
        json_close(&json, ']');
    return json.ok;
}

struct rendering mcp_post_begin(struct mcp_post *post, const struct transcript *transcript)
{
    return post->session ? mcp_session_begin(post->session, &post->frame, transcript)
                         : mcp_outcome_begin(&post->frame, transcript);
}

bool mcp_post_write_frame(struct mcp_post *post, const struct call *call)
{
    struct json_out json;
    size_t index = (size_t)(post->run - post->messages);
    buf_init(&post->before, MCP_POST_ANSWER_MAX_BYTES);
    buf_init(&post->after, MCP_POST_ANSWER_MAX_BYTES);
    json_begin(&json, &post->before);
    if (post->is_batch)
        json_open(&json, '[');
    put_answers(&json, post, call, 0, index);
    mcp_answer_open(&json, post->run);
    bool is_fine = json.ok && (!json.comma || buf_append(&post->before, ",", 1));
    json_begin(&json, &post->after);
    mcp_answer_close(&json);
    put_answers(&json, post, call, index + 1, post->count);
    if (post->is_batch)
        json_close(&json, ']');
    post->frame =
        (struct mcp_frame){.before = buf_bytes(&post->before), .after = buf_bytes(&post->after)};
    return is_fine && json.ok;
}
