#include "client/call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/number.h"

#define HEAD_MAX_BYTES 65536
#define RETRY_AFTER_S 1 /* when the gateway sends no Retry-After */

/* `struct calls` is never defined: a pointer to one is libcurl's CURLM in disguise. */
struct call {
    CURLM *multi; /* borrowed */
    CURL *easy;
    struct curl_slist *headers;
    const struct call_events *events;
    void *arg;
    bool is_added;
    bool is_head_too_big;
    size_t head_bytes;
    curl_off_t moved_bytes; /* bytes sent and received */
    uint64_t heard_ms;
    char error_text[CURL_ERROR_SIZE];
};

/* ---- libcurl's callbacks ---- */

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct call *call = arg;
    (void)data;
    call->head_bytes += size * count;
    call->is_head_too_big = call->head_bytes > HEAD_MAX_BYTES;
    call->heard_ms = clock_now_ms();
    return call->is_head_too_big ? 0 : size * count;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct call *call = arg;
    call->heard_ms = clock_now_ms();
    return call->events->body(call->arg, bytes_of(data, size * count)) ? size * count : 0;
}

static int on_progress(void *arg, curl_off_t to_come, curl_off_t come, curl_off_t to_go,
                       curl_off_t gone)
{
    struct call *call = arg;
    (void)to_come;
    (void)to_go;
    if (come + gone != call->moved_bytes)
        call->heard_ms = clock_now_ms();
    call->moved_bytes = come + gone;
    return 0;
}

/* ---- life ---- */

static bool has_body(const struct call_request *request)
{
    const char *method = request->method;
    return !method || (strcmp(method, "GET") != 0 && strcmp(method, "DELETE") != 0);
}

static bool add_header(struct call *call, const char *name, const char *value)
{
    struct buf line;
    buf_init(&line, HEAD_MAX_BYTES);
    struct curl_slist *headers = NULL;
    if (buf_printf(&line, "%s:%s%s", name, value[0] ? " " : "", value) && buf_append(&line, "", 1))
        headers = curl_slist_append(call->headers, (const char *)line.data + line.start);
    if (headers)
        call->headers = headers;
    buf_release(&line);
    return headers != NULL;
}

static bool set_headers(struct call *call, const struct call_request *request)
{
    struct buf bearer;
    const char *key = request->key;
    const struct call_header *header = request->headers;
    buf_init(&bearer, HEAD_MAX_BYTES);
    const char *type = request->body_type ? request->body_type : "application/json";
    bool is_set = add_header(call, "Accept", request->accept) &&
                  (!has_body(request) || add_header(call, "Content-Type", type)) &&
                  add_header(call, "Expect", ""); /* no "Expect: 100-continue" */
    if (is_set && key)
        is_set = buf_printf(&bearer, "Bearer %s", key) && buf_append(&bearer, "", 1) &&
                 add_header(call, "Authorization", (const char *)bearer.data + bearer.start);
    for (; is_set && header && header->name; header++)
        is_set = add_header(call, header->name, header->value);
    buf_release(&bearer);
    return is_set && curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK;
}

static bool set_callbacks(struct call *call)
{
    CURL *e = call->easy;
    return curl_easy_setopt(e, CURLOPT_ERRORBUFFER, call->error_text) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERDATA, call) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, call) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_XFERINFODATA, call) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PRIVATE, (void *)call) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
}

/* A method other than POST is sent as a GET or a POST of that name. */
static bool set_method(struct call *call, const struct call_request *request)
{
    CURL *e = call->easy;
    struct bytes body = request->body;
    const char *data = body.data ? (const char *)body.data : "";
    if (request->method && curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK)
        return false;
    if (!has_body(request))
        return curl_easy_setopt(e, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDS, data) == CURLE_OK;
}

static bool set_options(struct call *call, const char *url)
{
    CURL *e = call->easy;
    return curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CALL_CONNECT_MS) == CURLE_OK;
}

struct calls *calls_new(struct error *err)
{
    CURLM *multi = curl_multi_init();
    if (!multi)
        error_set(err, ERR_SYSTEM, "the calls could not be set up");
    return (struct calls *)multi;
}

void calls_free(struct calls *calls)
{
    if (calls)
        curl_multi_cleanup((CURLM *)calls);
}

struct call *call_new(struct calls *calls, const struct call_request *request,
                      const struct call_events *events, void *arg, struct error *err)
{
    struct call *call = calloc(1, sizeof(*call));
    if (call) {
        call->events = events;
        call->arg = arg;
        call->multi = (CURLM *)calls;
        call->easy = curl_easy_init();
    }
    if (call && call->easy && set_options(call, request->url) && set_method(call, request) &&
        set_callbacks(call) && set_headers(call, request))
        return call;
    call_free(call);
    error_set(err, ERR_SYSTEM, "the call could not be set up");
    return NULL;
}

void call_free(struct call *call)
{
    if (!call)
        return;
    call_stop(call);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    free(call);
}

bool call_start(struct call *call, struct error *err)
{
    call->is_head_too_big = false;
    call->head_bytes = 0;
    call->moved_bytes = 0;
    call->error_text[0] = '\0';
    call->heard_ms = clock_now_ms();
    call->is_added = curl_multi_add_handle(call->multi, call->easy) == CURLM_OK;
    return call->is_added || error_set(err, ERR_SYSTEM, "the call could not be started");
}

void call_stop(struct call *call)
{
    if (call->is_added)
        curl_multi_remove_handle(call->multi, call->easy);
    call->is_added = false;
}

/* ---- turns ---- */

static struct error describe(const struct call *call, CURLcode code)
{
    struct error why = {.kind = ERR_NONE};
    const char *text = call->error_text[0] ? call->error_text : curl_easy_strerror(code);
    if (call->is_head_too_big)
        error_set(&why, ERR_PROTOCOL, "the head of the gateway's answer is larger than %d bytes",
                  HEAD_MAX_BYTES);
    else if (code != CURLE_OK)
        error_set(&why, code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_GONE, "%s", text);
    else if (call_status(call) == 0) /* libcurl accepts "HTTP/garbage" as a status line */
        error_set(&why, ERR_PROTOCOL, "the gateway's answer has no status");
    return why;
}

static void tell_ends(CURLM *multi)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        char *owner = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        /* libcurl frees the message together with its handle */
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        struct call *call = (struct call *)(void *)owner;
        struct error why = describe(call, result);
        call_stop(call);
        call->events->ended(call->arg, why.kind == ERR_NONE ? NULL : &why);
    }
}

bool calls_turn(struct calls *calls, struct curl_waitfd *descriptors, unsigned count,
                int timeout_ms, struct error *err)
{
    int running, ready;
    CURLM *multi = (CURLM *)calls;
    CURLMcode code = curl_multi_poll(multi, descriptors, count, timeout_ms, &ready);
    if (code == CURLM_OK)
        code = curl_multi_perform(multi, &running);
    if (code != CURLM_OK)
        return error_set(err, ERR_SYSTEM, "%s", curl_multi_strerror(code));
    tell_ends(multi);
    return true;
}

/* ---- the response ---- */

long call_status(const struct call *call)
{
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

bool call_has_type(const struct call *call, const char *media_type)
{
    char *type = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    size_t len = strlen(media_type);
    return type && strncasecmp(type, media_type, len) == 0 && strchr("; \t", type[len]);
}

uint64_t call_pause_ms(const struct call *call)
{
    struct curl_header *header;
    uint64_t seconds = RETRY_AFTER_S;
    if (curl_easy_header(call->easy, "retry-after", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
        number_parse_uint(header->value, strlen(header->value), &seconds);
    return seconds < UINT64_MAX / 2000 ? seconds * 1000 : UINT64_MAX / 2;
}

uint64_t call_heard_ms(const struct call *call)
{
    return call->heard_ms;
}
