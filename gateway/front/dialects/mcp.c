/* mcp.c - a body has one or more messages. What they ask for decides how it is answered:
 *
 *   body -> decode -+- a program to run -> on_begun -> waiter (JSON), follower (progress)
 *                   +- anything else    -> on_other
 *                   +- refused          -> on_refused
 */
#include "front/dialects/mcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sha256.h"
#include "front/api/follower.h"
#include "front/api/intake.h"
#include "front/api/sse.h"
#include "front/api/waiter.h"
#include "front/dialects/mcp_answer.h"
#include "front/dialects/mcp_post.h"
#include "front/dialects/mcp_session.h"
#include "front/dialects/mcp_tools.h"
#include "front/http/accept_header.h"

#define LABEL_MAX_BYTES 512
#define NO_MEMORY "The gateway has no memory left"

static bool decode(void *arg, struct reading *reading, const struct json *document)
{
    return mcp_post_read(arg, reading, document);
}

static enum intake_next admit(const struct call *call, struct request *request, void *arg,
                              struct problem *problem)
{
    struct mcp_post *post = arg;
    (void)call;
    return post->session ? mcp_session_admit(post->session, request, problem) : INTAKE_BEGIN;
}

static void release(void *arg)
{
    mcp_post_free(arg);
}

/* ---- cancel a run by a notification ---- */

/* Make the label by which a notification finds its run. Ids of requests are not unique, because
 * clients count from 0. So the label also contains the client's key and address. */
static void label_of(const struct call *call, const char *id, uint8_t label[EXECUTION_LABEL_BYTES])
{
    struct buf text;
    char address[EXCHANGE_ADDRESS_BYTES];
    buf_init(&text, LABEL_MAX_BYTES);
    buf_printf(&text, "mcp\n%s\n%s\n%s", call_owner(call),
               exchange_address(call->exchange, address), id);
    sha256(buf_bytes(&text), label);
    buf_release(&text);
}

static void cancel(const struct call *call, const struct mcp_post *post)
{
    uint8_t label[EXECUTION_LABEL_BYTES];
    for (size_t i = 0; i < post->count; i++) {
        const struct mcp_message *message = &post->messages[i];
        if (message->fault != MCP_FINE || message->method != MCP_CANCELLED || !message->cancels[0])
            continue;
        label_of(call, message->cancels, label);
        struct execution *execution = executions_find(&call->service->executions, label);
        if (execution)
            execution_stop(execution, true);
    }
}

/* ---- answering ---- */

static void answer(struct exchange *exchange, int status, struct buf *body)
{
    exchange_answer(exchange, status, "application/json", body);
}

/* Answer with an error that belongs to no message, or to the only one. */
static void answer_error(const struct call *call, int status, enum mcp_code code,
                         const char *reason)
{
    struct buf body;
    struct json_out json;
    struct mcp_message message = {.status = status};
    mcp_message_fail(&message, code, "%s", reason);
    buf_init(&body, MCP_POST_ANSWER_MAX_BYTES);
    json_begin(&json, &body);
    mcp_answer_put_error(&json, &message);
    answer(call->exchange, status, &body);
}

static void on_other(const struct call *call, void *arg)
{
    struct mcp_post *post = arg;
    struct buf body;
    cancel(call, post);
    if (post->session)
        mcp_session_settle(post->session);
    buf_init(&body, MCP_POST_ANSWER_MAX_BYTES);
    if (post->count == 0 || !mcp_post_write_answers(post, call, &body)) {
        buf_release(&body);
        answer_error(call, 500, MCP_INTERNAL_ERROR, NO_MEMORY);
    } else if (body.len == 0) {
        exchange_answer(call->exchange, 202, NULL, &body);
    } else {
        answer(call->exchange, post->is_batch ? 200 : post->messages[0].status, &body);
    }
    mcp_post_free(post);
}

static struct rendering begin_rendering(void *arg, const struct transcript *transcript)
{
    return mcp_post_begin(arg, transcript);
}

static bool put_entry(void *arg, struct buf *out, const struct transcript *transcript,
                      const struct said *said, struct rendering *data)
{
    struct mcp_post *post = arg;
    if (said->kind != SAID_END)
        return mcp_progress_put_entry(&post->progress, out, said);
    if (transcript->is_withdrawn)
        return true;
    *data = begin_rendering(post, transcript);
    return sse_open(out, 0, "message");
}

static bool put_beat(void *arg, struct buf *out, const struct transcript *transcript)
{
    struct mcp_post *post = arg;
    return mcp_progress_put_beat(&post->progress, out, transcript);
}

static void on_begun(const struct call *call, struct execution *execution, void *arg)
{
    static const struct waiter_terms plain = {.begin = begin_rendering, .release = release};
    static const struct waiter_terms in_batch = {
        .begin = begin_rendering, .release = release, .answers_others = true};
    static const struct follower_terms streamed = {.put_entry = put_entry,
                                                   .put_beat = put_beat,
                                                   .beat_ms = MCP_PROGRESS_BEAT_MS,
                                                   .release = release};
    struct mcp_post *post = arg;
    uint8_t label[EXECUTION_LABEL_BYTES];
    if (!mcp_post_write_frame(post, call)) {
        execution_drop_unheard(execution);
        answer_error(call, 500, MCP_INTERNAL_ERROR, NO_MEMORY);
        mcp_post_free(post);
        return;
    }
    cancel(call, post); /* notifications in the same body refer to earlier requests */
    if (!post->run->is_modern) {
        label_of(call, post->run->id, label);
        execution_set_label(execution, label);
    }
    bool wants_progress = post->run->token[0] && !post->is_batch;
    post->progress = (struct mcp_progress){.began_ns = clock_now_ns()};
    memcpy(post->progress.token, post->run->token, sizeof post->progress.token);
    mcp_post_shrink(post);
    if (wants_progress)
        follower_begin_in(call, execution, &streamed, post);
    else
        waiter_begin_in(call, execution, post->is_batch ? &in_batch : &plain, post);
}

/* ---- refusals ---- */

static enum mcp_code code_of(const struct problem *problem)
{
    if (problem->status == 400)
        return MCP_PARSE_ERROR;
    return problem->status < 500 ? MCP_INVALID_REQUEST : MCP_INTERNAL_ERROR;
}

/* Report the refusal as the tool's result, because a model can act on the reason. */
static void on_refused(const struct call *call, const struct problem *problem, void *arg)
{
    struct mcp_post *post = arg;
    struct json_out json;
    struct buf body;
    exchange_note_verdict(call->exchange, problem->code);
    if (!post->run) {
        answer_error(call, problem->status, code_of(problem),
                     problem->detail ? problem->detail : "The gateway failed");
        mcp_post_free(post);
        return;
    }
    bool is_fine = mcp_post_write_frame(post, call);
    buf_init(&body, MCP_POST_ANSWER_MAX_BYTES * 2 + PROBLEM_MAX_BYTES * 2);
    is_fine = is_fine && buf_append(&body, post->frame.before.data, post->frame.before.len);
    json_begin(&json, &body);
    mcp_answer_put_refusal(&json, problem, post->run->tool->refused);
    is_fine =
        is_fine && json.ok && buf_append(&body, post->frame.after.data, post->frame.after.len);
    if (is_fine) {
        answer(call->exchange, 200, &body);
    } else {
        buf_release(&body);
        answer_error(call, 500, MCP_INTERNAL_ERROR, NO_MEMORY);
    }
    mcp_post_free(post);
}

/* ---- the interface ---- */

/* Returns true if the client accepts this type. Without an Accept header it accepts everything. */
static bool takes(struct bytes accept, const char *type, const char *family)
{
    return !accept.data || accept_header_names(accept, type) ||
           accept_header_names(accept, family) || accept_header_names(accept, "*/*");
}

void mcp_handle_post(const struct call *call)
{
    static const struct intake_terms terms = {.ignores_key = true,
                                              .decode = decode,
                                              .admit = admit,
                                              .on_begun = on_begun,
                                              .on_other = on_other,
                                              .on_refused = on_refused,
                                              .on_gone = release};
    const struct exchange *exchange = call->exchange;
    struct bytes accept = exchange_header(exchange, "accept");
    if (!takes(accept, "application/json", "application/*") ||
        !takes(accept, "text/event-stream", "text/*")) {
        answer_error(call, 406, MCP_INVALID_REQUEST,
                     "Accept must list application/json and text/event-stream");
        return;
    }
    struct mcp_post *post = calloc(1, sizeof *post);
    if (!post) {
        answer_error(call, 500, MCP_INTERNAL_ERROR, NO_MEMORY);
        return;
    }
    post->headers = (struct mcp_headers){
        .version = exchange_header(exchange, "mcp-protocol-version"),
        .method = exchange_header(exchange, "mcp-method"),
        .name = exchange_header(exchange, "mcp-name"),
    };
    post->service = call->service;
    snprintf(post->owner, sizeof post->owner, "%s", call_owner(call));
    intake_take(call, &terms, post);
}
