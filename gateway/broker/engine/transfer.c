#include "broker/engine/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcurl needs a host in the URL. The engine ignores it. */
#define URL_PREFIX "http://docker"
#define KEPT_CONNECTIONS 16L
/* The head of an engine's answer has a few hundred bytes. A much longer one does not come from an
 * engine.
 */
#define HEAD_MAX_BYTES 65536

struct transfers {
    struct loop *loop;
    const char *socket_path;
    struct list live, dead;
};

/* ---- the end ---- */

void transfer_bury(struct transfer *t)
{
    if (t->dead)
        return;
    t->dead = true;
    if (t->kind->on_buried)
        t->kind->on_buried(t);
    node_insert(&t->node, &t->all->dead, NULL);
}

static void transfer_free(struct transfer *t)
{
    if (t->added)
        curl_multi_remove_handle(loop_multi(t->all->loop), t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    t->kind->release(t);
}

struct loop *transfer_loop(const struct transfer *t)
{
    return t->all->loop;
}

struct timers *transfer_timers(const struct transfer *t)
{
    return loop_timers(t->all->loop);
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
    struct transfers *transfers = arg;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(loop_multi(transfers->loop), &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct transfer *t = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        if (!t || t->dead)
            continue;
        transfer_bury(t);
        t->kind->on_ended(t, code);
    }
}

/* ---- setting up ---- */

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * count;
    t->head_bytes += len;
    if (t->head_bytes > HEAD_MAX_BYTES)
        return 0;
    bool head_ended = len == 2 && data[0] == '\r';
    if (head_ended && !t->dead && t->kind->on_head_ended)
        t->kind->on_head_ended(t);
    return len;
}

bool transfer_add_header(struct transfer *t, const char *line)
{
    struct curl_slist *headers = curl_slist_append(t->headers, line);
    if (headers)
        t->headers = headers;
    return headers != NULL;
}

/* Make libcurl ignore the environment: no proxy, no netrc, no redirects, HTTP only.
 */
static bool set_options(struct transfer *t, const char *path)
{
    char url[1024];
    int len = snprintf(url, sizeof url, URL_PREFIX "%s", path);
    if (len < 0 || (size_t)len >= sizeof url)
        return false;
    CURL *e = t->easy;
    return curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, t->all->socket_path) == CURLE_OK &&
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

bool transfer_init(struct transfer *t, struct transfers *transfers,
                   const struct transfer_kind *kind, const char *path, void *arg)
{
    t->kind = kind;
    t->all = transfers;
    t->arg = arg;
    node_init(&t->node, t);
    t->easy = curl_easy_init();
    return t->easy && set_options(t, path) && transfer_add_header(t, "Expect:");
}

bool transfer_go(struct transfer *t, bool set_up, struct error *err)
{
    if (set_up && curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK) {
        node_insert(&t->node, &t->all->live, NULL);
        return true;
    }
    if (t->kind->on_buried)
        t->kind->on_buried(t);
    transfer_free(t);
    return error_set(err, ERR_SYSTEM, "an engine call could not be set up");
}

/* ---- life ---- */

struct transfers *transfers_new(struct loop *loop, const char *socket_path, struct error *err)
{
    struct transfers *transfers = calloc(1, sizeof *transfers);
    if (!transfers) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    transfers->loop = loop;
    transfers->socket_path = socket_path;
    curl_multi_setopt(loop_multi(loop), CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    loop_set_transfers(loop, on_worked, transfers);
    return transfers;
}

void transfers_sweep(struct transfers *transfers)
{
    struct transfer *t = list_first(&transfers->live);
    while (t) {
        struct transfer *next = node_next(&t->node);
        if (!t->added)
            t->added = curl_multi_add_handle(loop_multi(transfers->loop), t->easy) == CURLM_OK;
        if (!t->added) {
            transfer_bury(t);
            t->kind->on_ended(t, CURLE_OUT_OF_MEMORY);
            /* The callback may have started transfers, which are at the head of the list: start
             * there again. */
            next = list_first(&transfers->live);
        }
        t = next;
    }
    while ((t = list_take(&transfers->dead)) != NULL)
        transfer_free(t);
}

void transfers_free(struct transfers *transfers)
{
    if (!transfers)
        return;
    struct transfer *t;
    while ((t = list_first(&transfers->live)) != NULL)
        transfer_bury(t);
    transfers_sweep(transfers);
    loop_set_transfers(transfers->loop, NULL, NULL);
    free(transfers);
}
