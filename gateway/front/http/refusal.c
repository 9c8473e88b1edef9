/* refusal.c - answers a connection without h2o, when a request is refused before h2o has it. One
 * write is enough: nothing else is waiting to be sent, so the send buffer is empty. If the write
 * fails, the client only sees the close.
 */
#include "front/http/refusal.h"

#include <sys/socket.h>

#include "common/log.h"
#include "front/http/origin.h"
#include "front/http/trace.h"

#define REFUSAL_MAX_BYTES 4096

static bool write_origin_headers(struct buf *out, const struct config *config, struct bytes origin)
{
    struct origin_header headers[ORIGIN_HEADERS_MAX];
    size_t count = origin_headers(config, origin, headers), i = 0;
    while (i < count && buf_printf(out, "%s: %.*s\r\n", headers[i].name, (int)headers[i].value.len,
                                   (const char *)headers[i].value.data))
        i++;
    return i == count;
}

static bool write_refusal(struct buf *out, const struct config *config,
                          const struct problem *problem, const struct trace *trace,
                          const struct guard_pass *pass, struct bytes content)
{
    return buf_printf(out,
                      "HTTP/1.1 %d %s\r\nconnection: close\r\ncontent-length: %zu\r\n"
                      "content-type: " PROBLEM_CONTENT_TYPE "\r\ncache-control: no-store\r\n"
                      "x-content-type-options: nosniff\r\nx-request-id: %s\r\n",
                      problem->status, status_phrase(problem->status), content.len,
                      trace->request_id) &&
           (problem->retry_after_s == 0 ||
            buf_printf(out, "retry-after: %u\r\n", problem->retry_after_s)) &&
           (problem->status != 401 || buf_append_string(out, "www-authenticate: Bearer\r\n")) &&
           write_origin_headers(out, config, pass->origin) && buf_append_string(out, "\r\n") &&
           buf_append(out, content.data, content.len);
}

void refusal_send(struct http *http, h2o_socket_t *socket, const struct problem *problem,
                  const struct guard_pass *pass)
{
    struct buf content, out;
    const struct trace trace = trace_read(pass->request_id, (struct bytes){0});
    buf_init(&content, REFUSAL_MAX_BYTES);
    buf_init(&out, 2 * REFUSAL_MAX_BYTES);
    if (problem_write(&content, problem) &&
        write_refusal(&out, http->config, problem, &trace, pass, buf_bytes(&content)))
        send(h2o_socket_get_fd(socket), out.data + out.start, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    metrics_refused(http->metrics, problem->status);
    log_event(LOG_INFO, "request_refused", LOG_I64("status", problem->status),
              LOG_STR("verdict", problem->code), LOG_STR("request_id", trace.request_id), LOG_END);
    buf_release(&content);
    buf_release(&out);
}
