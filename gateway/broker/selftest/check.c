#include "broker/selftest/check.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker/engine/instance.h"
#include "broker/selftest/canary.h"
#include "broker/selftest/check_print.h"
#include "common/log.h"

#define CREATE_MAX_BYTES ((size_t)1 << 20)
/* The engine may be slow, so wait this long for the removal. If the engine is down, the check fails
 * at once. */
#define REMOVAL_DEADLINE_MS 15000

/* The check of one runtime. During the check, only this runtime is configured, so that the broken
 * image of another runtime does not disturb it. */
struct check {
    struct config config; /* the settings, with only this runtime and no warm boxes */
    struct check_result *result;
    bool print_create, interrupted;
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

/* ---- events ---- */

static void on_removal_late(void *arg)
{
    struct check *check = arg;
    log_event(LOG_ERROR, "boxes_left", LOG_U64("count", pool_box_count(check->pool)), LOG_END);
    loop_stop(check->loop);
}

/* Make no more boxes. The loop ends when the last one is removed. */
static void end(struct check *check)
{
    if (check->ending)
        return;
    check->ending = true;
    canary_stop(check->canary);
    pool_stop(check->pool);
    timer_start(loop_timers(check->loop), &check->removal_timer, REMOVAL_DEADLINE_MS);
}

static void on_reported(void *arg, const struct canary_report *report, bool passed)
{
    struct check *check = arg;
    check->result->report = *report;
    check->result->ok = passed;
    end(check);
}

static void note_engine(struct check *check)
{
    check->result->engine = *engine_info(check->engine);
    check->result->has_engine = check->result->engine.version[0] != '\0';
}

static void on_engine_up(void *arg)
{
    struct check *check = arg;
    note_engine(check);
    pool_engine_up(check->pool);
    if (!check->print_create) {
        canary_engine_up(check->canary);
        return;
    }
    check->result->ok = pool_write_spec(check->pool, &check->result->create);
    end(check);
}

static void on_engine_down(void *arg, const struct error *why)
{
    struct check *check = arg;
    if (!check->ending) {
        note_engine(check);
        check->result->error = *why;
        check->result->hint = engine_hint(check->engine);
    }
    end(check);
}

static const struct engine_events engine_events = {.on_up = on_engine_up,
                                                   .on_down = on_engine_down};

static void on_turn(void *arg)
{
    struct check *check = arg;
    pool_turn(check->pool);
    if (check->ending && pool_box_count(check->pool) == 0)
        loop_stop(check->loop);
    docker_sweep(check->docker);
}

/* ---- life ---- */

/* Stop because of a signal, after removing the box. */
static void on_signal(void *arg, short events)
{
    struct check *check = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(check->signals.fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    check->interrupted = true;
    error_set(&check->result->error, ERR_GONE, "interrupted");
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
    check->signals = (struct watch){.fd = fd, .on_ready = on_signal, .arg = check};
    if (fd < 0 || !watch_start(loop_watches(check->loop), &check->signals, POLLIN))
        return error_errno(err, "signalfd");
    return true;
}

static bool set_up(struct check *check, struct error *err)
{
    const struct config *config = &check->config;
    check->removal_timer = (struct timer){.on_due = on_removal_late, .arg = check};
    if (!instance_choose(check->instance, err) || !(check->loop = loop_new(err)))
        return false;
    check->docker = docker_new(check->loop, config->engine_socket, config->engine_timeout_ms, err);
    if (!check->docker)
        return false;
    check->engine =
        engine_new(loop_timers(check->loop), check->docker, config, &engine_events, check, err);
    if (!check->engine)
        return false;
    check->pool = pool_new(loop_timers(check->loop), check->docker, check->engine, config,
                           check->instance, err);
    if (!check->pool)
        return false;
    check->canary = canary_new(loop_timers(check->loop), check->pool, check->engine, config,
                               on_reported, check, err);
    loop_set_turn(check->loop, on_turn, check);
    return check->canary && watch_signals(check, err);
}

static void tear_down(struct check *check)
{
    if (check->loop)
        timer_stop(loop_timers(check->loop), &check->removal_timer);
    if (check->signals.arg) {
        watch_stop(loop_watches(check->loop), &check->signals);
        close(check->signals.fd);
    }
    canary_free(check->canary);
    pool_free(check->pool);
    engine_free(check->engine);
    docker_free(check->docker);
    loop_free(check->loop);
}

/* ---- one runtime after the other ---- */

/* Check one runtime. Returns false when checking another one is useless. */
static bool look_at(const struct config *config, const struct config_runtime *runtime,
                    bool print_create, struct check_result *result)
{
    struct check check = {.config = *config, .result = result, .print_create = print_create};
    check.config.warm = 0;
    check.config.runtimes[0] = *runtime;
    check.config.runtimes[0].warm = 0;
    check.config.runtimes_count = 1;
    *result = (struct check_result){.runtime = runtime};
    buf_init(&result->create, CREATE_MAX_BYTES);
    if (set_up(&check, &result->error))
        loop_run(check.loop);
    tear_down(&check);
    return result->has_engine && !check.interrupted && !print_create;
}

struct options {
    enum check_form form;
    uint32_t runtimes; /* bit i: runtimes[i] of the config; 0: all */
};

static bool take_runtime(const struct config *config, const char *name, struct options *options)
{
    int index = config_runtime_index(config, bytes_of_string(name));
    if (index >= 0)
        options->runtimes |= 1U << index;
    else
        fprintf(stderr, "mayfly: check: MAYFLY_RUNTIMES has no runtime \"%s\"\n", name);
    return index >= 0;
}

static bool parse_options(const struct config *config, char **words, struct options *options)
{
    *options = (struct options){.form = CHECK_TABLE};
    for (; *words; words++) {
        if (strcmp(*words, "--runtime") == 0 && !take_runtime(config, *++words, options))
            return false;
        if (strcmp(*words, "--json") == 0 && options->form == CHECK_TABLE)
            options->form = CHECK_JSON;
        if (strcmp(*words, "--print-create") == 0)
            options->form = CHECK_CREATE;
    }
    return true;
}

static void look_at_all(const struct config *config, const struct options *options,
                        struct check_results *results)
{
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < config->runtimes_count; i++) {
        if (options->runtimes == 0 || options->runtimes & 1U << i)
            goes_on = look_at(config, &config->runtimes[i], options->form == CHECK_CREATE,
                              &results->all[results->count++]);
    }
}

int check_main(const struct config *config, char **words)
{
    static struct check_results results;
    struct options options;
    if (!parse_options(config, words, &options))
        return 2;
    results.engine_socket = config->engine_socket;
    results.oci_runtime = config->oci_runtime;
    /* Log only errors, which appear beside the table. */
    log_init("check", config->log_format,
             config->log_level > LOG_WARNING ? config->log_level : LOG_WARNING);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    look_at_all(config, &options, &results);
    curl_global_cleanup();
    bool printed = check_print(&results, options.form, stdout);
    for (size_t i = 0; i < results.count; i++)
        buf_release(&results.all[i].create);
    return printed && check_is_ok(&results) ? 0 : 1;
}
