/* Each call's deadline is libcurl's own timeout. */
#include "broker/engine/enginehttp.h"

#include <stdlib.h>
#include <string.h>

struct http_call {
    struct transfer transfer; /* first */
    struct buf body, answer;
    bool too_big;
    http_answered *on_answered;
};

static void on_ended(struct transfer *t, CURLcode code)
{
    struct http_call *call = (struct http_call *)t;
    struct http_answer answer = {.body = buf_bytes(&call->answer)};
    if (code == CURLE_OK)
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &answer.status);
    else if (call->too_big)
        error_set(&answer.error, ERR_ENGINE, "the engine's answer is too long");
    else
        answer.error = transfer_error(t, code);
    answer.unsent = code == CURLE_COULDNT_CONNECT;
    /* libcurl accepts "HTTP/garbage" as a status line, with status 0. */
    if (answer.status == 0 && answer.error.kind == ERR_NONE)
        error_set(&answer.error, ERR_ENGINE, "the engine's answer has no status");
    call->on_answered(t->arg, &answer);
}

static void release(struct transfer *t)
{
    struct http_call *call = (struct http_call *)t;
    buf_release(&call->body);
    buf_release(&call->answer);
    free(call);
}

static const struct transfer_kind call_kind = {.on_ended = on_ended, .release = release};

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct http_call *call = arg;
    size_t len = size * count;
    if (call->transfer.dead)
        return len;
    if (!buf_append(&call->answer, data, len)) {
        call->too_big = true;
        return 0;
    }
    return len;
}

static bool set_body(struct http_call *call, const struct bytes *body)
{
    CURL *e = call->transfer.easy;
    if (!body)
        return curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, 0L) == CURLE_OK;
    return buf_append(&call->body, body->data, body->len) &&
           transfer_add_header(&call->transfer, "Content-Type: application/json") &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDS, buf_bytes(&call->body).data) == CURLE_OK;
}

static bool set_method(struct http_call *call, const char *method, const struct bytes *body)
{
    CURL *e = call->transfer.easy;
    if (strcmp(method, "GET") == 0)
        return true;
    if (strcmp(method, "POST") == 0)
        return curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK && set_body(call, body);
    return curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

struct http_call *http_call_start(struct transfers *transfers, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *on_answered, void *arg, struct error *err)
{
    struct http_call *call = calloc(1, sizeof *call);
    if (!call) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    call->on_answered = on_answered;
    buf_init(&call->body, HTTP_ANSWER_MAX_BYTES);
    buf_init(&call->answer, HTTP_ANSWER_MAX_BYTES);
    bool ok = transfer_init(&call->transfer, transfers, &call_kind, path, arg) &&
              set_method(call, method, body);
    CURL *e = call->transfer.easy;
    ok = ok && curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
         curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
         curl_easy_setopt(e, CURLOPT_WRITEDATA, call) == CURLE_OK;
    return transfer_go(&call->transfer, ok, err) ? call : NULL;
}

void http_call_cancel(struct http_call *call)
{
    transfer_bury(&call->transfer);
}
