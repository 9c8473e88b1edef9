/* headers.c - adds the headers that every answer has. */
#include "front/http/headers.h"

#include "front/http/origin.h"

static void add_header(h2o_req_t *req, const h2o_token_t *token, const char *value)
{
    h2o_add_header(&req->pool, &req->res.headers, token, NULL, value, strlen(value));
}

static void add_origin_headers(const struct http *http, h2o_req_t *req)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT("origin"), -1);
    struct bytes origin = {0};
    if (at >= 0)
        origin = bytes_of(req->headers.entries[at].value.base, req->headers.entries[at].value.len);
    struct origin_header headers[ORIGIN_HEADERS_MAX];
    size_t count = origin_headers(http->config, origin, headers);
    for (size_t i = 0; i < count; i++) {
        struct bytes value = headers[i].value;
        h2o_iovec_t copy = h2o_strdup(&req->pool, (const char *)value.data, value.len);
        h2o_add_header_by_str(&req->pool, &req->res.headers, headers[i].name,
                              strlen(headers[i].name), 1, NULL, copy.base, copy.len);
    }
}

void headers_add_standing(const struct http *http, h2o_req_t *req, const char *content_type,
                          const char *request_id)
{
    if (content_type)
        add_header(req, H2O_TOKEN_CONTENT_TYPE, content_type);
    if (h2o_find_header(&req->res.headers, H2O_TOKEN_CACHE_CONTROL, -1) < 0)
        add_header(req, H2O_TOKEN_CACHE_CONTROL, "no-store");
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"), 0,
                          NULL, H2O_STRLIT("nosniff"));
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-request-id"), 0, NULL,
                          request_id, strlen(request_id));
    add_origin_headers(http, req);
}
