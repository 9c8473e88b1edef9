/* front.c - the front's life:
 *
 *   listen, drop privileges
 *     -> SERVING -- SIGTERM --> DRAINING -- nothing left, or deadline --> exit 0
 *           \-- broker lost (role serve): every run ended -- answers sent --> exit 1
 *
 * While draining, the front keeps accepting connections, so that health checks get 503 and late
 * clients are sent elsewhere. It does this for at least MAYFLY_LINGER_MS even when no run is left:
 * a client that connects while the process exits gets no answer, and a proxy then cannot tell
 * whether its program ran. A second SIGTERM ends the drain at once.
 */
#include "front/front.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "front/api/intake.h"
#include "front/api/routes.h"
#include "front/dialects/dialects.h"
#include "front/http/http.h"
#include "front/listen.h"
#include "front/privileges.h"
#include "front/rehearsal.h"
#include "front/runs/archive.h"
#include "front/runs/execution.h"
#include "front/runs/link.h"

#define DRAIN_GRACE_MS 5000 /* after the longest timeout, for reports and answers */
#define LAST_ANSWERS_MS 2000
#define OWN_PAGES_FROM_BYTES (128 << 10)
#define SCRAPERS_MAX 16 /* most connections to the metrics' own address */

struct front {
    const struct config *config;
    struct reactor reactor;
    struct http *http;
    struct service service;
    struct metrics metrics;
    struct watch signals;
    struct timer deadline; /* for the drain, and then for the last answers */
    struct timer linger;
    bool lingers;  /* keep draining for linger_ms, even if all runs have ended */
    bool stopping; /* runs are not waited for any more; the last answers are being sent */
    bool is_late;  /* LAST_ANSWERS_MS has passed too: exit now */
    int exit_code;
};

/* The only front of the process. It lives until exit, because h2o's connections cannot be freed. */
static struct front front;

/* ---- the end ---- */

static void on_deadline(void *arg);

/* Stop waiting for runs: cancel those that are left, and give their answers LAST_ANSWERS_MS to be
 * sent. */
static void stop(void)
{
    if (front.stopping)
        return;
    front.stopping = true;
    front.lingers = false;
    front.service.draining = true;
    http_drain(front.http);
    executions_stop_all(&front.service.executions);
    timer_start(&front.reactor.timers, &front.deadline, LAST_ANSWERS_MS);
}

static void on_deadline(void *arg)
{
    (void)arg;
    if (front.stopping)
        front.is_late = true;
    else
        stop();
}

static void on_lingered(void *arg)
{
    (void)arg;
    front.lingers = false;
}

static void drain(void)
{
    uint64_t longest_ms = front.config->drain_ms;
    if (longest_ms == 0)
        longest_ms = (uint64_t)front.config->max_timeout_ms + DRAIN_GRACE_MS;
    front.service.draining = true;
    http_drain(front.http);
    timer_start(&front.reactor.timers, &front.deadline, longest_ms);
    front.lingers = front.config->linger_ms > 0;
    if (front.lingers)
        timer_start(&front.reactor.timers, &front.linger, front.config->linger_ms);
    log_event(LOG_INFO, "draining", LOG_U64("exchanges", http_exchanges_count(front.http)),
              LOG_U64("longest_ms", longest_ms), LOG_END);
}

static void on_link_lost(void *arg)
{
    (void)arg;
    front.exit_code = 1;
    stop();
}

static bool is_finished(void)
{
    bool is_idle = http_exchanges_count(front.http) == 0 &&
                   front.service.executions.unfinished.count == 0 && !front.lingers;
    return front.is_late || (front.service.draining && is_idle);
}

/* ---- signals ---- */

static void on_signal(void *arg, short events)
{
    struct signalfd_siginfo info;
    (void)arg;
    (void)events;
    if (read(front.signals.fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGHUP)
        gate_reload(front.service.gate);
    else if (front.service.draining)
        stop();
    else
        drain();
}

static bool watch_signals(bool supervised, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (!supervised)
        sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (supervised)
        signal(SIGINT, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return error_errno(err, "cannot block signals");
    front.signals =
        (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .on_ready = on_signal};
    if (front.signals.fd < 0 || !watch_start(&front.reactor.watches, &front.signals, POLLIN))
        return error_errno(err, "cannot watch for signals");
    return true;
}

/* ---- the beginning ---- */

static bool open_service(const struct config *config, int link_fd, struct error *err)
{
    service_init(&front.service, config, &front.reactor);
    front.service.metrics = &front.metrics;
    front.service.dialects = dialects_routes;
    intakes_init(&front.service);
    front.service.archive = archive_new(config, &front.reactor);
    if (!front.service.archive)
        return error_set(err, ERR_SYSTEM, "no archive: out of memory");
    struct link *link =
        link_new(config, &front.reactor, &front.metrics, link_fd, on_link_lost, NULL);
    front.service.executions.link = link;
    return link || error_set(err, ERR_SYSTEM, "no link to the broker: out of memory");
}

/* Every caller can run code. So refuse to listen where others than this machine's users can connect
 * without a key, unless the settings allow that.
 */
static bool may_listen(const struct config *config, bool is_loopback, struct error *err)
{
    bool asks = config->keys_file[0] != '\0';
    if (asks && config->auth == CONFIG_AUTH_NONE)
        return error_set(err, ERR_INVALID,
                         "MAYFLY_AUTH=none and MAYFLY_KEYS_FILE contradict each other");
    return asks || config->auth == CONFIG_AUTH_NONE || is_loopback ||
           error_set(
               err, ERR_INVALID,
               "MAYFLY_LISTEN is \"%s\": without keys (MAYFLY_KEYS_FILE) it must be a loopback "
               "address, unless MAYFLY_AUTH=none lets anybody run code",
               config->listen);
}

static void enter(int listen_fd, const char *event, const struct entrance_terms *terms)
{
    char address[64];
    listen_address(listen_fd, address);
    http_enter(front.http, listen_fd, terms);
    log_event(LOG_INFO, event, LOG_STR("address", address), LOG_END);
}

/* metrics_fd is -1 if /metrics has no address of its own. */
static bool open_doors(const struct config *config, int listen_fd, int metrics_fd,
                       struct error *err)
{
    front.http = front.service.http = http_new(config, &front.reactor, &front.metrics, err);
    if (!front.http)
        return false;
    if (metrics_fd >= 0)
        enter(metrics_fd, "listening_for_metrics",
              &(struct entrance_terms){.name = "metrics",
                                       .max_connections = SCRAPERS_MAX,
                                       .max_connections_per_address = SCRAPERS_MAX,
                                       .gate = routes_admit_metrics,
                                       .handler = routes_handle_metrics,
                                       .arg = &front.service});
    enter(
        listen_fd, "listening",
        &(struct entrance_terms){.name = "main",
                                 .max_connections = config->max_connections,
                                 .max_connections_per_address = config->max_connections_per_address,
                                 .gate = routes_admit,
                                 .handler = routes_handle,
                                 .arg = &front.service});
    return true;
}

static bool start(const struct config *config, int link_fd, pid_t supervisor, struct error *err)
{
    front.config = config;
    front.deadline = (struct timer){.on_due = on_deadline};
    front.linger = (struct timer){.on_due = on_lingered};
    if (!reactor_init(&front.reactor))
        return error_errno(err, "cannot make an epoll set");
    if (!watch_signals(link_fd >= 0, err))
        return false;
    int listen_fd = listen_open("MAYFLY_LISTEN", config->listen, err), metrics_fd = -1;
    if (listen_fd >= 0 && config->metrics_listen[0] &&
        (metrics_fd = listen_open("MAYFLY_METRICS_LISTEN", config->metrics_listen, err)) < 0)
        return false;
    if (listen_fd < 0 || !may_listen(config, listen_is_loopback(listen_fd), err) ||
        !privileges_drop(config, supervisor, err) || !open_service(config, link_fd, err))
        return false;
    front.service.gate = gate_new(config, err);
    return front.service.gate && open_doors(config, listen_fd, metrics_fd, err);
}

bool front_check(const struct config *config, struct error *err)
{
    bool is_loopback;
    return listen_foresee("MAYFLY_LISTEN", config->listen, &is_loopback, err) &&
           may_listen(config, is_loopback, err) && rehearsal_run(config, err);
}

static bool is_free(const char *setting, const char *where, struct error *err)
{
    int fd = where[0] ? listen_open(setting, where, err) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0 || !where[0];
}

bool front_can_listen(const struct config *config, struct error *err)
{
    return is_free("MAYFLY_LISTEN", config->listen, err) &&
           is_free("MAYFLY_METRICS_LISTEN", config->metrics_listen, err);
}

/* Let malloc allocate large blocks separately (mmap). They return to the system when freed, and can
 * grow without being copied. By default, malloc would raise this threshold over time. */
static void limit_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, OWN_PAGES_FROM_BYTES);
}

int front_main(const struct config *config, int link_fd)
{
    struct error err;
    pid_t supervisor = link_fd >= 0 ? getppid() : 0;
    log_init("front", config->log_format, config->log_level);
    if (!start(config, link_fd, supervisor, &err)) {
        log_event(LOG_ERROR, "front_failed", LOG_STR("error", err.text), LOG_END);
        return 1;
    }
    limit_heap();
    uint64_t cpu_ns = clock_cpu_ns(); /* a system call, so made only once in each turn */
    while (!is_finished()) {
        uint64_t before_ns = cpu_ns;
        if (!http_turn(front.http)) {
            log_event(LOG_ERROR, "front_failed", LOG_STR("error", strerror(errno)), LOG_END);
            return 1;
        }
        cpu_ns = clock_cpu_ns();
        metrics_turned(&front.metrics, cpu_ns - before_ns);
    }
    log_event(LOG_INFO, "front_stopped", LOG_I64("exit_code", front.exit_code), LOG_END);
    return front.exit_code;
}
