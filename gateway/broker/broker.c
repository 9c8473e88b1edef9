#include "broker/broker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker/catalog.h"
#include "broker/engine/instance.h"
#include "broker/front_socket.h"
#include "broker/peer.h"
#include "broker/reaper.h"
#include "broker/rights.h"
#include "broker/selftest/canary.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/process.h"

#define STATUS_PERIOD_MS 1000
#define FRONTS_MAX 64
/* After the drain, removing the last boxes may take this long. The reaper of the next gateway
 * removes the boxes that are left then. */
#define REMOVAL_DEADLINE_MS 15000
#define REMOVAL_DEADLINE_ENGINE_DOWN_MS 3000

enum phase { PHASE_SERVING, PHASE_DRAINING, PHASE_REMOVING, PHASE_SWEEPING };

struct broker {
    const struct config *config;
    char instance[INSTANCE_LEN + 1];
    struct loop *loop;
    struct docker *docker;
    struct engine *engine;
    struct pool *pool;
    struct reaper *reaper;
    struct canary *canary;
    struct front_socket *front_socket; /* NULL under serve */
    struct peer *peers[FRONTS_MAX];
    bool peer_is_lost[FRONTS_MAX];
    size_t peers_count;
    bool has_one_front; /* under serve */
    enum phase phase;
    struct timer phase_timer; /* deadline of the drain, then of the removal */
    struct watch signals;
    struct timer status_timer;
    bool told_ready;
    char told_reason[sizeof(((struct status *)0)->reason)];
    struct buf samples; /* the samples of the last status */
    int exit_code;
};

/* ---- status ---- */

static void report_canary(const struct broker *broker, struct samples *samples)
{
    const struct canary_results *results = canary_results(broker->canary);
    samples_put(samples, METRIC_CANARY_RUNS, LABELS("passed"), results->passed_count);
    samples_put(samples, METRIC_CANARY_RUNS, LABELS("failed"), results->failed_count);
    samples_put(samples, METRIC_CANARY_RUNS, LABELS("lost"), results->lost_count);
    samples_put(samples, METRIC_CANARY_PASSED_TIMESTAMP, LABELS(NULL),
                results->passed_at_ms * NS_PER_MS);
}

/* Fill *status with the readiness and all samples. The samples are valid until the next call. If
 * memory is out, *status has no samples. */
static void report(struct broker *broker, struct status *status)
{
    struct samples samples;
    *status = (struct status){0};
    pool_judge(broker->pool, status);
    buf_truncate(&broker->samples, 0);
    samples_begin(&samples, &broker->samples);
    pool_report(broker->pool, &samples);
    samples_put(&samples, METRIC_BOXES_REAPED, LABELS(NULL), reaper_removed_count(broker->reaper));
    samples_put(&samples, METRIC_ENGINE_UP, LABELS(NULL), engine_is_up(broker->engine));
    docker_report(broker->docker, &samples);
    report_canary(broker, &samples);
    process_report("broker", &samples);
    if (samples.ok)
        status->samples = buf_bytes(&broker->samples);
}

static void tell_fronts(struct broker *broker)
{
    struct status status;
    struct runtimes runtimes;
    report(broker, &status);
    catalog_fill(&runtimes, broker->config, broker->engine, broker->pool);
    for (size_t i = 0; i < broker->peers_count; i++)
        peer_tell(broker->peers[i], &status, &runtimes);
    broker->told_ready = status.ready;
    memcpy(broker->told_reason, status.reason, sizeof broker->told_reason);
}

static void on_status_due(void *arg)
{
    struct broker *broker = arg;
    tell_fronts(broker);
    timer_start(loop_timers(broker->loop), &broker->status_timer, STATUS_PERIOD_MS);
}

/* If the readiness has changed, report it to the fronts at once. */
static void tell_change(struct broker *broker)
{
    struct status status = {0};
    pool_judge(broker->pool, &status);
    if (status.ready == broker->told_ready && strcmp(status.reason, broker->told_reason) == 0)
        return;
    log_event(status.ready ? LOG_INFO : LOG_WARNING, status.ready ? "ready" : "not_ready",
              LOG_STR("error", status.reason), LOG_END);
    tell_fronts(broker);
}

/* ---- phases ---- */

static void remove_boxes(struct broker *broker)
{
    broker->phase = PHASE_REMOVING;
    pool_stop(broker->pool);
    timer_start(loop_timers(broker->loop), &broker->phase_timer,
                engine_is_up(broker->engine) ? REMOVAL_DEADLINE_MS
                                             : REMOVAL_DEADLINE_ENGINE_DOWN_MS);
}

static void on_phase_late(void *arg)
{
    struct broker *broker = arg;
    if (broker->phase == PHASE_DRAINING) {
        remove_boxes(broker);
        return;
    }
    /* The boxes end by themselves when their stdin closes, and the next broker's reaper removes
     * them. */
    size_t left = pool_box_count(broker->pool);
    if (left > 0)
        log_event(LOG_ERROR, "boxes_left", LOG_U64("count", left),
                  LOG_STR("error", "the engine did not remove them in time"), LOG_END);
    else if (broker->phase == PHASE_SWEEPING)
        log_event(LOG_WARNING, "sweep_unfinished",
                  LOG_STR("error", "the engine did not say in time whether any is left"), LOG_END);
    loop_stop(broker->loop);
}

static void on_swept(void *arg)
{
    loop_stop(((struct broker *)arg)->loop);
}

static void drain(struct broker *broker)
{
    if (broker->phase != PHASE_SERVING)
        return;
    log_event(LOG_INFO, "draining", LOG_END);
    broker->phase = PHASE_DRAINING;
    canary_stop(broker->canary);
    pool_drain(broker->pool);
    timer_start(loop_timers(broker->loop), &broker->phase_timer, broker->config->drain_ms);
}

static bool all_flushed(const struct broker *broker)
{
    for (size_t i = 0; i < broker->peers_count; i++) {
        if (!peer_is_flushed(broker->peers[i]))
            return false;
    }
    return true;
}

static void advance_phase(struct broker *broker)
{
    if (broker->phase == PHASE_DRAINING && pool_is_idle(broker->pool))
        remove_boxes(broker);
    if (broker->phase == PHASE_REMOVING && pool_box_count(broker->pool) == 0 &&
        all_flushed(broker)) {
        broker->phase = PHASE_SWEEPING;
        reaper_finish(broker->reaper, on_swept, broker);
    }
}

/* ---- fronts ---- */

static void on_front_lost(void *arg, struct peer *peer)
{
    struct broker *broker = arg;
    for (size_t i = 0; i < broker->peers_count; i++) {
        if (broker->peers[i] == peer)
            broker->peer_is_lost[i] = true;
    }
}

static void free_lost_fronts(struct broker *broker)
{
    for (size_t i = 0; i < broker->peers_count;) {
        if (!broker->peer_is_lost[i]) {
            i++;
            continue;
        }
        peer_free(broker->peers[i]);
        broker->peers_count--;
        broker->peers[i] = broker->peers[broker->peers_count];
        broker->peer_is_lost[i] = broker->peer_is_lost[broker->peers_count];
        if (broker->has_one_front && broker->phase != PHASE_REMOVING) {
            broker->exit_code = broker->phase == PHASE_SERVING;
            canary_stop(broker->canary);
            pool_drain(broker->pool);
            remove_boxes(broker);
        }
    }
}

static void on_front_connected(void *arg, int fd)
{
    struct broker *broker = arg;
    struct error err;
    if (broker->peers_count == FRONTS_MAX) {
        log_event(LOG_ERROR, "front_refused", LOG_STR("error", "too many fronts"), LOG_END);
        close(fd);
        return;
    }
    struct peer *peer = peer_new(broker->loop, broker->pool, fd, on_front_lost, broker, &err);
    if (!peer) {
        log_event(LOG_ERROR, "front_refused", LOG_STR("error", err.text), LOG_END);
        return;
    }
    broker->peer_is_lost[broker->peers_count] = false;
    broker->peers[broker->peers_count++] = peer;
    struct status status;
    struct runtimes runtimes;
    report(broker, &status);
    catalog_fill(&runtimes, broker->config, broker->engine, broker->pool);
    peer_tell(peer, &status, &runtimes);
}

/* ---- the engine ---- */

static void on_engine_up(void *arg)
{
    struct broker *broker = arg;
    pool_engine_up(broker->pool);
    canary_engine_up(broker->canary);
    reaper_sweep(broker->reaper);
}

static void on_engine_down(void *arg, const struct error *why)
{
    struct broker *broker = arg;
    pool_engine_down(broker->pool, why);
    canary_engine_down(broker->canary);
}

static const struct engine_events engine_events = {.on_up = on_engine_up,
                                                   .on_down = on_engine_down};

/* ---- the process ---- */

static void on_turn(void *arg)
{
    struct broker *broker = arg;
    free_lost_fronts(broker);
    pool_turn(broker->pool);
    tell_change(broker);
    for (size_t i = 0; i < broker->peers_count; i++)
        peer_flush(broker->peers[i]);
    advance_phase(broker);
    docker_sweep(broker->docker);
}

static void on_signal(void *arg, short events)
{
    struct broker *broker = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (read(broker->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
        drain(broker);
}

/* Under serve, the supervisor handles SIGINT and SIGHUP, because Ctrl-C signals all processes of
 * the terminal. */
static bool watch_signals(struct broker *broker, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if (broker->has_one_front) {
        signal(SIGINT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
    } else {
        sigaddset(&set, SIGINT);
    }
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    broker->signals = (struct watch){.fd = fd, .on_ready = on_signal, .arg = broker};
    if (fd < 0 || !watch_start(loop_watches(broker->loop), &broker->signals, POLLIN))
        return error_errno(err, "signalfd");
    return true;
}

/* Keep other processes of this uid from reading or tracing the broker. Raise the limit of
 * descriptors, because each box needs a few. */
static void harden(void)
{
    struct rlimit files;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool set_up(struct broker *broker, int link_fd, struct error *err)
{
    const struct config *config = broker->config;
    broker->has_one_front = link_fd >= 0;
    buf_init(&broker->samples, SAMPLES_MAX_BYTES);
    broker->phase_timer = (struct timer){.on_due = on_phase_late, .arg = broker};
    broker->status_timer = (struct timer){.on_due = on_status_due, .arg = broker};
    if (!instance_choose(broker->instance, err) || !(broker->loop = loop_new(err)) ||
        !(broker->docker =
              docker_new(broker->loop, config->engine_socket, config->engine_timeout_ms, err)))
        return false;
    broker->engine =
        engine_new(loop_timers(broker->loop), broker->docker, config, &engine_events, broker, err);
    if (!broker->engine)
        return false;
    broker->pool = pool_new(loop_timers(broker->loop), broker->docker, broker->engine, config,
                            broker->instance, err);
    if (!broker->pool)
        return false;
    broker->reaper = reaper_new(loop_timers(broker->loop), broker->docker, broker->pool, config,
                                broker->instance, err);
    broker->canary = canary_new(loop_timers(broker->loop), broker->pool, broker->engine, config,
                                NULL, NULL, err);
    if (!broker->reaper || !broker->canary || !watch_signals(broker, err))
        return false;
    if (link_fd >= 0 && !rights_drop(config->engine_socket, err))
        return false;
    if (link_fd >= 0)
        on_front_connected(broker, link_fd);
    else
        broker->front_socket =
            front_socket_open(broker->loop, config, on_front_connected, broker, err);
    loop_set_turn(broker->loop, on_turn, broker);
    timer_start(loop_timers(broker->loop), &broker->status_timer, 0);
    return broker->front_socket || link_fd >= 0;
}

static void tear_down(struct broker *broker)
{
    while (broker->peers_count)
        peer_free(broker->peers[--broker->peers_count]);
    front_socket_close(broker->front_socket);
    reaper_free(broker->reaper);
    canary_free(broker->canary);
    pool_free(broker->pool);
    engine_free(broker->engine);
    docker_free(broker->docker);
    loop_free(broker->loop);
    buf_release(&broker->samples);
}

int broker_main(const struct config *config, int link_fd)
{
    static struct broker broker;
    struct error err;
    broker.config = config;
    log_init("broker", config->log_format, config->log_level);
    harden();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (set_up(&broker, link_fd, &err)) {
        log_event(LOG_INFO, "broker_started", LOG_STR("instance", broker.instance),
                  LOG_U64("max_boxes", config->max_boxes), LOG_END);
        loop_run(broker.loop);
        log_event(LOG_INFO, "broker_stopped", LOG_END);
    } else {
        log_event(LOG_ERROR, "broker_failed", LOG_STR("error", err.text), LOG_END);
        broker.exit_code = 1;
    }
    tear_down(&broker);
    curl_global_cleanup();
    return broker.exit_code;
}
