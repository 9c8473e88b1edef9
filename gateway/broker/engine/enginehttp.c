/* Calls, and the life of every transfer. The deadline of a call is libcurl's own timeout. */
#include "broker/engine/enginehttp.h"

#include "broker/engine/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the engine ignores but libcurl wants before a path. */
#define URL_PREFIX "http://docker"
#define KEPT_CONNECTIONS 16L
/* The engine's head is a few hundred bytes; a longer one is no engine's. */
#define HEAD_MAX_BYTES 65536

struct enginehttp {
    struct loop *loop;
    const char *socket_path;
    struct transfer *live, *dead;
};

struct http_call {
    struct transfer transfer; /* first */
    struct buf body, answer;
    bool too_big;
    http_answered *answered;
};

/* ---- transfers: lists ---- */

static void list_add(struct transfer **list, struct transfer *t)
{
    t->previous = NULL;
    t->next = *list;
    if (*list)
        (*list)->previous = t;
    *list = t;
}

static void list_remove(struct transfer **list, struct transfer *t)
{
    if (t->previous)
        t->previous->next = t->next;
    else
        *list = t->next;
    if (t->next)
        t->next->previous = t->previous;
}

void transfer_bury(struct transfer *t)
{
    if (t->dead)
        return;
    t->dead = true;
    if (t->kind->buried)
        t->kind->buried(t);
    list_remove(&t->http->live, t);
    list_add(&t->http->dead, t);
}

static void transfer_free(struct transfer *t)
{
    if (t->added)
        curl_multi_remove_handle(loop_multi(t->http->loop), t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    t->kind->release(t);
}

struct loop *transfer_loop(const struct transfer *t)
{
    return t->http->loop;
}

struct error transfer_error(const struct transfer *t, CURLcode code)
{
    struct error err;
    long number = 0;
    if (code == CURLE_COULDNT_CONNECT)
        curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    if (number)
        error_set(&err, ERR_ENGINE, "cannot connect: %s", strerror((int)number));
    else
        error_set(&err, code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_ENGINE, "%s",
                  curl_easy_strerror(code));
    return err;
}

static void on_worked(void *arg)
{
    struct enginehttp *http = arg;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(loop_multi(http->loop), &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct transfer *t = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        if (!t || t->dead)
            continue;
        transfer_bury(t);
        t->kind->ended(t, code);
    }
}

/* ---- transfers: setting up ---- */

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * count;
    t->head_bytes += len;
    if (t->head_bytes > HEAD_MAX_BYTES)
        return 0;
    bool head_ended = len == 2 && data[0] == '\r';
    if (head_ended && !t->dead && t->kind->head_ended)
        t->kind->head_ended(t);
    return len;
}

bool transfer_add_header(struct transfer *t, const char *line)
{
    struct curl_slist *headers = curl_slist_append(t->headers, line);
    if (headers)
        t->headers = headers;
    return headers != NULL;
}

/* Nothing of the environment may change where our bytes go: no proxy, no netrc, no redirect,
 * HTTP only. */
static bool set_options(struct transfer *t, const char *path)
{
    char url[1024];
    int len = snprintf(url, sizeof(url), URL_PREFIX "%s", path);
    if (len < 0 || (size_t)len >= sizeof(url))
        return false;
    CURL *e = t->easy;
    return curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, t->http->socket_path) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK;
}

bool transfer_init(struct transfer *t, struct enginehttp *http, const struct transfer_kind *kind,
                   const char *path, void *arg)
{
    t->kind = kind;
    t->http = http;
    t->arg = arg;
    t->easy = curl_easy_init();
    return t->easy && set_options(t, path) && transfer_add_header(t, "Expect:");
}

bool transfer_go(struct transfer *t, bool set_up, struct error *err)
{
    if (set_up && curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK) {
        list_add(&t->http->live, t);
        return true;
    }
    if (t->kind->buried)
        t->kind->buried(t);
    transfer_free(t);
    return error_set(err, ERR_SYSTEM, "an engine call could not be set up");
}

/* ---- calls ---- */

static void call_ended(struct transfer *t, CURLcode code)
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
    /* libcurl takes "HTTP/garbage" for a head, of status 0. */
    if (answer.status == 0 && answer.error.kind == ERR_NONE)
        error_set(&answer.error, ERR_ENGINE, "the engine's answer has no status");
    call->answered(t->arg, &answer);
}

static void call_release(struct transfer *t)
{
    struct http_call *call = (struct http_call *)t;
    buf_release(&call->body);
    buf_release(&call->answer);
    free(call);
}

static const struct transfer_kind call_kind = {.ended = call_ended, .release = call_release};

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

struct http_call *http_call_start(struct enginehttp *http, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *answered, void *arg, struct error *err)
{
    struct http_call *call = calloc(1, sizeof(*call));
    if (!call) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    call->answered = answered;
    buf_init(&call->body, HTTP_ANSWER_MAX_BYTES);
    buf_init(&call->answer, HTTP_ANSWER_MAX_BYTES);
    bool ok = transfer_init(&call->transfer, http, &call_kind, path, arg) &&
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

/* ---- life ---- */

struct enginehttp *enginehttp_new(struct loop *loop, const char *socket_path, struct error *err)
{
    struct enginehttp *http = calloc(1, sizeof(*http));
    if (!http) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    http->loop = loop;
    http->socket_path = socket_path;
    curl_multi_setopt(loop_multi(loop), CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    loop_set_transfers(loop, on_worked, http);
    return http;
}

void enginehttp_sweep(struct enginehttp *http)
{
    /* The end of one that cannot be added may start others: those come to the front of the
     * list, and are added in the next turn, which a live timer or this very end brings about at
     * once. */
    for (struct transfer *t = http->live, *next; t; t = next) {
        next = t->next;
        if (t->added)
            continue;
        t->added = curl_multi_add_handle(loop_multi(http->loop), t->easy) == CURLM_OK;
        if (!t->added) {
            transfer_bury(t);
            t->kind->ended(t, CURLE_OUT_OF_MEMORY);
            next = http->live;
        }
    }
    while (http->dead) {
        struct transfer *t = http->dead;
        list_remove(&http->dead, t);
        transfer_free(t);
    }
}

void enginehttp_free(struct enginehttp *http)
{
    if (!http)
        return;
    while (http->live)
        transfer_bury(http->live);
    enginehttp_sweep(http);
    loop_set_transfers(http->loop, NULL, NULL);
    free(http);
}
