#include "broker/check.h"

#include "broker/canary.h"
#include "broker/check_print.h"
#include "broker/instance.h"
#include "common/log.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CREATE_MAX_BYTES ((size_t)1 << 20)
/* The engine may be slow, but is there or not: nobody waits for one that comes back. */
#define REMOVAL_DEADLINE_MS 15000

struct check {
    struct config config; /* the settings, without warm boxes */
    struct check_result result;
    bool print_create;
    char instance[INSTANCE_LEN + 1];
    struct loop *loop;
    struct docker *docker;
    struct engine *engine;
    struct pool *pool;
    struct canary *canary;
    struct watch signals;
    struct timer removal_timer;
    bool ending;
};

/* ---- what happens ---- */

static void on_removal_late(void *arg)
{
    struct check *check = arg;
    log_event(LOG_ERROR, "boxes_left", LOG_U64("count", pool_box_count(check->pool)), LOG_END);
    loop_stop(check->loop);
}

/* From here on nothing is made any more, and the loop ends with the last box. */
static void end(struct check *check)
{
    if (check->ending)
        return;
    check->ending = true;
    canary_stop(check->canary);
    pool_stop(check->pool);
    timer_start(check->loop, &check->removal_timer, REMOVAL_DEADLINE_MS);
}

static void on_reported(void *arg, const struct canary_report *report, bool passed)
{
    struct check *check = arg;
    check->result.report = *report;
    check->result.ok = passed;
    end(check);
}

static void on_engine_up(void *arg)
{
    struct check *check = arg;
    check->result.engine = engine_info(check->engine);
    pool_engine_up(check->pool);
    if (!check->print_create) {
        canary_engine_up(check->canary);
        return;
    }
    check->result.ok = pool_write_spec(check->pool, &check->result.create);
    end(check);
}

static void on_engine_down(void *arg, const struct error *why)
{
    struct check *check = arg;
    if (!check->ending)
        check->result.error = *why;
    end(check);
}

static const struct engine_events engine_events = {.up = on_engine_up, .down = on_engine_down};

static void on_turn(void *arg)
{
    struct check *check = arg;
    pool_turn(check->pool);
    if (check->ending && pool_box_count(check->pool) == 0)
        loop_stop(check->loop);
    docker_sweep(check->docker);
}

/* ---- life ---- */

/* Told to stop: the box goes first. */
static void on_signal(void *arg, short events)
{
    struct check *check = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(check->signals.fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    error_set(&check->result.error, ERR_GONE, "interrupted");
    end(check);
}

static bool watch_signals(struct check *check, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    check->signals = (struct watch){.fd = fd, .events = POLLIN, .ready = on_signal, .arg = check};
    if (fd < 0 || !loop_watch(check->loop, &check->signals))
        return error_errno(err, "signalfd");
    return true;
}

static bool set_up(struct check *check, struct error *err)
{
    const struct config *config = &check->config;
    check->removal_timer = (struct timer){.fire = on_removal_late, .arg = check};
    if (!instance_choose(check->instance, err) || !(check->loop = loop_new(err)))
        return false;
    check->docker = docker_new(check->loop, config->engine_socket, config->engine_timeout_ms, err);
    if (!check->docker)
        return false;
    check->engine = engine_new(check->loop, check->docker, config, &engine_events, check, err);
    if (!check->engine)
        return false;
    check->pool = pool_new(check->loop, check->docker, check->engine, config, check->instance, err);
    if (!check->pool)
        return false;
    check->canary =
        canary_new(check->loop, check->pool, check->engine, config, on_reported, check, err);
    loop_set_turn(check->loop, on_turn, check);
    return check->canary && watch_signals(check, err);
}

static void tear_down(struct check *check)
{
    if (check->loop)
        timer_stop(check->loop, &check->removal_timer);
    if (check->signals.arg) {
        loop_unwatch(check->loop, &check->signals);
        close(check->signals.fd);
    }
    canary_free(check->canary);
    pool_free(check->pool);
    engine_free(check->engine);
    docker_free(check->docker);
    loop_free(check->loop);
    buf_release(&check->result.create);
}

/* Only what goes wrong is worth a line beside the table. */
static void prepare(struct check *check, const struct config *config)
{
    check->config = *config;
    check->config.warm = 0;
    for (size_t i = 0; i < config->runtimes_count; i++)
        check->config.runtimes[i].warm = 0;
    check->result.oci_runtime = check->config.oci_runtime;
    buf_init(&check->result.create, CREATE_MAX_BYTES);
    log_init("check", config->log_format,
             config->log_level > LOG_WARNING ? config->log_level : LOG_WARNING);
}

static bool parse_options(struct check *check, enum check_form *form, char **options)
{
    *form = CHECK_TABLE;
    for (; *options; options++) {
        if (strcmp(*options, "--json") == 0)
            *form = CHECK_JSON;
        else if (strcmp(*options, "--print-create") == 0)
            check->print_create = true;
        else
            return false;
    }
    if (check->print_create)
        *form = CHECK_CREATE;
    return true;
}

int check_main(const struct config *config, char **options)
{
    static struct check check;
    enum check_form form;
    if (!parse_options(&check, &form, options)) {
        fputs("Usage: mayfly check [--json] [--print-create]\n", stderr);
        return 2;
    }
    prepare(&check, config);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (set_up(&check, &check.result.error))
        loop_run(check.loop);
    bool ok = check_print(&check.result, form, stdout) && check.result.ok;
    tear_down(&check);
    curl_global_cleanup();
    return ok ? 0 : 1;
}
