#include "front/api/pages.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "front/http/accept_header.h"
#include "front/http/problem.h"
#include "web/assets.h"

#define INDEX_MAX_BYTES 4096
#define PATH_SHOWN_BYTES 32 /* longest path of a page that has a redirect */

/* ---- an asset ---- */

static const struct asset *find_asset(const struct exchange *exchange)
{
    for (const struct asset *asset = assets; asset->path; asset++) {
        if (bytes_equal_string(exchange_path(exchange), asset->path))
            return asset;
    }
    return NULL;
}

static const char *const coding_names[ASSET_CODINGS] = {
    [ASSET_IDENTITY] = "identity", [ASSET_GZIP] = "gzip", [ASSET_BROTLI] = "br"};

/* Choose the best encoding that the asset has and the client accepts; if there is none, the plain
 * bytes. */
static enum asset_coding choose_coding(const struct exchange *exchange, const struct asset *asset)
{
    struct bytes accepted = exchange_header(exchange, "accept-encoding");
    if (asset->bodies[ASSET_BROTLI].data &&
        accept_header_names(accepted, coding_names[ASSET_BROTLI]))
        return ASSET_BROTLI;
    if (asset->bodies[ASSET_GZIP].data && accept_header_names(accepted, coding_names[ASSET_GZIP]))
        return ASSET_GZIP;
    return ASSET_IDENTITY;
}

/* Returns true if the header If-None-Match lists the asset's tag. A tag contains no quotes, so it
 * is enough to find it in quotes anywhere in the header. This is the weak comparison of HTTP. */
static bool is_known(const struct exchange *exchange, const struct asset *asset)
{
    struct bytes known = exchange_header(exchange, "if-none-match");
    const char *quoted = strchr(asset->etag, '"');
    return bytes_equal_string(known, "*") ||
           (known.len > 0 && memmem(known.data, known.len, quoted, strlen(quoted)));
}

static void answer_asset(struct exchange *exchange, const struct asset *asset)
{
    exchange_set_header(exchange, "etag", asset->etag);
    exchange_set_header(exchange, "vary", "accept, accept-encoding");
    exchange_set_header(exchange, "cache-control",
                        asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    exchange_set_header(exchange, "referrer-policy", "no-referrer");
    if (asset->security_policy)
        exchange_set_header(exchange, "content-security-policy", asset->security_policy);
    if (is_known(exchange, asset)) {
        exchange_answer_static(exchange, 304, NULL, (struct bytes){0});
        return;
    }
    enum asset_coding coding = choose_coding(exchange, asset);
    if (coding != ASSET_IDENTITY)
        exchange_set_header(exchange, "content-encoding", coding_names[coding]);
    exchange_answer_static(exchange, 200, asset->media_type, asset->bodies[coding]);
}

void page_handle(const struct call *call)
{
    const struct asset *asset = find_asset(call->exchange);
    if (asset)
        answer_asset(call->exchange, asset);
    else
        exchange_answer_not_found(call->exchange);
}

/* The location is relative, like all links in our pages, because a proxy may serve the gateway
 * below a path. */
void page_handle_slash(const struct call *call)
{
    char way[PATH_SHOWN_BYTES];
    struct bytes path = exchange_path(call->exchange);
    snprintf(way, sizeof way, "..%.*s", (int)path.len - 1, (const char *)path.data);
    exchange_set_header(call->exchange, "location", way);
    exchange_answer_static(call->exchange, 308, NULL, (struct bytes){0});
}

/* ---- the index ---- */

static void put_links(struct json_out *json)
{
    static const struct {
        const char *name, *path;
    } links[] = {
        {"execute", "/api/v1/execute"},
        {"executions", "/api/v1/executions"},
        {"sessions", "/api/v1/sessions"},
        {"runtimes", "/api/v1/runtimes"},
        {"openapi", "/openapi.json"},
        {"playground", "/"},
        {"notebook", "/notebook"},
        {"docs", "/docs"},
        {"redoc", "/redoc"},
        {"licenses", "/licenses.txt"},
        {"health", "/health"},
        {"livez", "/livez"},
        {"readyz", "/readyz"},
        {"metrics", "/metrics"},
    };
    json_key(json, "links");
    json_open(json, '{');
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        json_key(json, links[i].name);
        json_put_text(json, links[i].path);
    }
    json_close(json, '}');
}

static void answer_index(struct exchange *exchange)
{
    struct buf body;
    struct json_out json;
    buf_init(&body, INDEX_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_key(&json, "name");
    json_put_text(&json, "mayfly");
    put_links(&json);
    json_close(&json, '}');
    exchange_set_header(exchange, "vary", "accept");
    exchange_answer(exchange, 200, "application/json", &body);
}

void index_handle(const struct call *call)
{
    const struct asset *page = find_asset(call->exchange);
    if (page && accept_header_names(exchange_header(call->exchange, "accept"), "text/html"))
        answer_asset(call->exchange, page);
    else
        answer_index(call->exchange);
}
