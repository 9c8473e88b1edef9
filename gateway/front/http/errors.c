/* errors.c - h2o answers some errors itself, as text/plain and without an exchange. A filter
 * replaces these answers by problem documents.
 */
#include "front/http/errors.h"

#include "front/http/connection.h"
#include "front/http/headers.h"
#include "front/http/problem.h"
#include "front/http/trace.h"

struct replacing_ostream {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static void send_replacement(h2o_ostream_t *ostream, h2o_req_t *req, h2o_iovec_t *bufs,
                             size_t bufs_count, h2o_send_state_t state)
{
    struct replacing_ostream *self = (void *)ostream;
    (void)bufs;
    h2o_ostream_send_next(ostream, req, &self->body, bufs_count > 0 ? 1 : 0, state);
}

static struct problem problem_of_status(int status)
{
    if (status == 417)
        return (struct problem){.status = status,
                                .code = "expectation_failed",
                                .detail = "The only supported expectation is 100-continue."};
    return (struct problem){.status = status,
                            .code = "malformed_request",
                            .detail = "The request is not well-formed HTTP."};
}

static struct trace trace_of(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT("x-request-id"), -1);
    struct bytes id = {0};
    if (at >= 0)
        id = bytes_of(req->headers.entries[at].value.base, req->headers.entries[at].value.len);
    return trace_read(id, (struct bytes){0});
}

static void replace_error(h2o_req_t *req, h2o_ostream_t **slot)
{
    struct buf text;
    const struct http *http = connection_of(req)->http;
    char detail[PROBLEM_DETAIL_BYTES];
    struct problem problem = req->res.status == 413
                                 ? problem_too_large(http->config->max_body_bytes, detail)
                                 : problem_of_status(req->res.status);
    buf_init(&text, 4096);
    problem_write(&text, &problem);
    struct bytes content = buf_bytes(&text);
    struct replacing_ostream *ostream = (void *)h2o_add_ostream(req, sizeof *ostream, slot);
    ostream->super.do_send = send_replacement;
    ostream->body = h2o_strdup(&req->pool, (const char *)content.data, content.len);
    buf_release(&text);
    req->res.content_length = ostream->body.len;
    req->res.reason = status_phrase(req->res.status);
    req->res.headers = (h2o_headers_t){0};
    const struct trace trace = trace_of(req);
    h2o_iovec_t id = h2o_strdup(&req->pool, trace.request_id, strlen(trace.request_id));
    headers_add_standing(http, req, PROBLEM_CONTENT_TYPE, id.base);
    metrics_refused(http->metrics, req->res.status);
    log_event(LOG_INFO, "request_refused", LOG_I64("status", req->res.status),
              LOG_STR("verdict", problem.code), LOG_STR("request_id", trace.request_id), LOG_END);
}

void errors_on_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    struct connection *connection = connection_of(req);
    (void)filter;
    if (!req->http1_is_persistent && req->res.status >= 400)
        connection_linger(connection);
    if (connection->state != CONNECTION_SERVING)
        replace_error(req, slot);
    h2o_setup_next_ostream(req, slot);
}
