/* http.c - initialises h2o, and runs its loop turn by turn. */
#include "front/http/http.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "common/log.h"
#include "front/http/acceptor.h"
#include "front/http/connection.h"
#include "front/http/core.h"
#include "front/http/errors.h"
#include "front/http/exchange_private.h"

/* A body may be as long as h2o's limit, but a chunked body must be shorter. So h2o's limit is one
 * byte higher than ours, and exchange.c enforces ours. */
#define H2O_BODY_SLACK_BYTES 1
#define INPUT_BYTES 1024 /* the initial size of an input buffer */

static void on_reactor_ready(h2o_socket_t *socket, const char *err)
{
    struct http *http = socket->data;
    (void)err; /* h2o never reads from this socket (DONT_READ), so there is no read error */
    reactor_dispatch(http->reactor);
    timers_fire(&http->reactor->timers);
    reactor_run_tasks(http->reactor);
    exchanges_pump(http);
}

/* Nothing to do. The descriptor stays readable, because nothing is ever read from it. */
static void on_nudge_ready(void *arg, short events)
{
    (void)arg;
    (void)events;
}

/* Everything that may let h2o write must run within its turn. Between turns, h2o may have postponed
 * telling the kernel that it no longer waits for a socket. If it then writes at once, it forgets to
 * do so, and aborts when the event arrives. Timers, tasks and the pump do not depend on a
 * descriptor; the nudge makes them events of a turn. */
static void nudge(struct http *http, bool is_needed)
{
    if (is_needed == http->nudge.is_on)
        return;
    if (!is_needed)
        watch_stop(&http->reactor->watches, &http->nudge);
    else if (!watch_start(&http->reactor->watches, &http->nudge, POLLIN))
        log_event(LOG_WARNING, "nudge_unwatched", LOG_STR("error", strerror(errno)), LOG_END);
}

/* h2o prints errors to stderr, some with bytes of clients. Turn them into log events. (Our own log
 * does not use stdio's stderr.) */
static ssize_t write_message(void *cookie, const char *text, size_t len)
{
    char message[256];
    (void)cookie;
    size_t kept = len < sizeof message ? len : sizeof message - 1;
    memcpy(message, text, kept);
    message[kept > 0 && message[kept - 1] == '\n' ? kept - 1 : kept] = '\0';
    log_event(LOG_WARNING, "h2o_message", LOG_STR("text", message), LOG_END);
    return (ssize_t)len;
}

static void catch_messages(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_message});
    if (!stream)
        return;
    setvbuf(stream, NULL, _IOLBF, BUFSIZ);
    stderr = stream;
}

static void configure(struct http *http)
{
    h2o_globalconf_t *globalconf = &http->globalconf;
    h2o_config_init(globalconf);
    globalconf->server_name = h2o_iovec_init(H2O_STRLIT(""));
    /* h2o 2.2.5 has no protection against HTTP/2's rapid reset and header bombs. */
    globalconf->http1.upgrade_to_http2 = 0;
    globalconf->http1.req_timeout = http->config->header_timeout_ms;
    globalconf->max_request_entity_size = http->config->max_body_bytes + H2O_BODY_SLACK_BYTES;
    /* Without this, h2o would put large bodies into a file in /tmp. */
    h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
    /* Most requests fit into an eighth of h2o's default, and many requests may wait. */
    h2o_socket_buffer_prototype._initial_buf.capacity = INPUT_BYTES;

    /* No path is registered with h2o, so every request goes to this one handler.
     */
    h2o_hostconf_t *host =
        h2o_config_register_host(globalconf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_create_handler(&host->fallback_path, sizeof(struct st_h2o_handler_t))->on_req =
        exchange_on_request;
    h2o_create_filter(&host->fallback_path, sizeof(struct st_h2o_filter_t))->on_setup_ostream =
        errors_on_answer;
}

struct http *http_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      struct error *err)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    http->config = config;
    http->reactor = reactor;
    http->metrics = metrics;
    http->bodies.max_bytes = config->max_pending_bytes;
    http->nudge = (struct watch){.fd = eventfd(1, EFD_CLOEXEC), .on_ready = on_nudge_ready};
    if (http->nudge.fd < 0) {
        error_errno(err, "no eventfd");
        free(http);
        return NULL;
    }
    catch_messages();
    configure(http);
    h2o_context_init(&http->context, h2o_evloop_create(), &http->globalconf);
    http->accept_context =
        (h2o_accept_ctx_t){.ctx = &http->context, .hosts = http->globalconf.hosts};
    http->reactor_socket =
        h2o_evloop_socket_create(http->context.loop, reactor->epoll_fd, H2O_SOCKET_FLAG_DONT_READ);
    http->reactor_socket->data = http;
    h2o_socket_read_start(http->reactor_socket, on_reactor_ready);
    return http;
}

bool http_turn(struct http *http)
{
    int sleep_ms = reactor_sleep_ms(http->reactor);
    nudge(http, sleep_ms == 0 || http->ready.count > 0);
    bool fine = h2o_evloop_run(http->context.loop, sleep_ms) == 0 || errno == EINTR;
    connections_settle(http);
    http->busy_since_ns = 0;
    http->turn_bytes = 0;
    return fine;
}

void http_enter(struct http *http, int listen_fd, const struct entrance_terms *terms)
{
    struct entrance *entrance = &http->entrances[http->entrances_count++];
    entrance->http = http;
    entrance->terms = *terms;
    acceptor_open(entrance, listen_fd);
}

void http_drain(struct http *http)
{
    http->draining = true;
}

size_t http_exchanges_count(const struct http *http)
{
    return http->exchanges_count;
}

void http_report(const struct http *http, struct samples *samples)
{
    for (size_t i = 0; i < http->entrances_count; i++)
        samples_put(samples, METRIC_HTTP_CONNECTIONS, LABELS(http->entrances[i].terms.name),
                    http->entrances[i].connections_count);
    samples_put(samples, METRIC_HTTP_REQUESTS_PENDING, LABELS(NULL), http->exchanges_count);
    samples_put(samples, METRIC_HTTP_HELD_BYTES, LABELS(NULL), http->bodies.bytes);
    samples_put(samples, METRIC_REQUESTS_GAVE_WAY, LABELS("incoming"), http->bodies.gave_way_count);
}
