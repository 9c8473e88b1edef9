#include "broker/engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/engine/profile_file.h"
#include "broker/engine/seccomp.h"
#include "broker/engine/vendor.h"
#include "common/clock.h"
#include "common/escape.h"
#include "common/json.h"
#include "common/log.h"

/* While DOWN, check often: service returns within a second after the engine does. */
#define CHECK_DOWN_MS 300
#define CHECK_UP_MS 10000
#define CHECK_SUSPECT_MS 50
#define NO_ENGINE_HINT                                                                             \
    "DOCKER_HOST names the socket of a Docker engine; deploy/engine.sh start starts a private one"
#define NO_IMAGE_HINT "runner-image/build.sh builds the boxes' images on the engine of DOCKER_HOST"

struct engine {
    struct timers *timers;
    struct docker *docker;
    const struct config *config;
    const struct engine_events *events;
    void *arg;
    struct docker_call *call; /* the call of the check in progress */
    struct timer timer;       /* the next check */
    bool up;
    char up_version[80]; /* versions of the engine and of its API, from the time when it came up */
    struct docker_engine info;
    struct docker_image images[CONFIG_RUNTIMES_MAX];
    /* images that the check in progress has found */
    struct docker_image found[CONFIG_RUNTIMES_MAX];
    size_t found_count;
    struct buf seccomp;         /* the profile's JSON */
    struct buf seccomp_escaped; /* the same as a JSON string in quotes */
    struct profile_file seccomp_file;
    struct error trouble;
    const char *hint; /* static; NULL: none */
};

static void check(void *arg);
static void find_next_image(struct engine *engine);

/* Log which protections boxes have on this engine, and which they lack. */
static void log_sandbox(const struct engine *engine)
{
    const struct docker_engine *info = &engine->info;
    const char *runtime = engine->config->oci_runtime;
    const char *profile = engine->config->seccomp;
    log_event(LOG_INFO, "sandbox", LOG_STR("oci_runtime", runtime[0] ? runtime : info->oci_runtime),
              LOG_STR("cgroup", info->cgroup_v2 ? "v2" : "v1"), LOG_STR("memory", "enforced"),
              LOG_STR("swap", "enforced"), LOG_STR("pids", "enforced"), LOG_STR("cpu", "enforced"),
              LOG_STR("seccomp", profile[0] ? profile : "own"),
              LOG_STR("apparmor", info->apparmor ? vendor_of(info)->apparmor : "not enforced"),
              LOG_STR("userns", info->userns     ? "remapped"
                                : info->rootless ? "rootless"
                                                 : "not enforced"),
              LOG_END);
}

/* Returns true if another engine has replaced the one that was up, though no call has failed. What
 * we know about the engine is then wrong. */
static bool is_replaced(struct engine *engine)
{
    char version[sizeof engine->up_version];
    struct error why;
    snprintf(version, sizeof version, "%s, API %s", engine->info.version, engine->info.api_version);
    bool replaced = engine->up && strcmp(version, engine->up_version) != 0;
    if (replaced) {
        error_set(&why, ERR_ENGINE, "the engine was %s and is %s", engine->up_version, version);
        log_event(LOG_WARNING, "engine_replaced", LOG_STR("error", why.text), LOG_END);
        engine->up = false;
        engine->trouble = why;
        engine->events->on_down(engine->arg, &why);
    }
    memcpy(engine->up_version, version, sizeof version);
    return replaced;
}

static void end_check(struct engine *engine, const struct error *why, const char *hint)
{
    bool replaced = why->kind == ERR_NONE && is_replaced(engine);
    bool was_up = engine->up && !replaced;
    engine->up = why->kind == ERR_NONE;
    bool is_new = strcmp(engine->trouble.text, why->text) != 0;
    engine->trouble = *why;
    engine->hint = hint;
    timer_start(engine->timers, &engine->timer, engine->up ? CHECK_UP_MS : CHECK_DOWN_MS);
    if (engine->up) {
        memcpy(engine->images, engine->found, sizeof engine->images);
        if (!was_up) {
            log_event(LOG_INFO, "engine_up", LOG_STR("vendor", vendor_of(&engine->info)->name),
                      LOG_STR("version", engine->info.version),
                      LOG_STR("api", engine->info.api_version),
                      LOG_STR("oci_runtime", engine->info.oci_runtime),
                      LOG_STR("architecture", engine->info.architecture), LOG_END);
            log_sandbox(engine);
            engine->events->on_up(engine->arg);
        }
        return;
    }
    if (was_up || is_new)
        log_event(LOG_ERROR, "engine_down", LOG_STR("error", why->text),
                  LOG_STR("socket", engine->config->engine_socket), LOG_STR("hint", hint), LOG_END);
    engine->events->on_down(engine->arg, why);
}

/* Fail if the host cannot enforce a limit that we rely on. Otherwise boxes would silently lack
 * it. */
static bool can_enforce(const struct engine *engine, struct error *err)
{
    const struct docker_engine *info = &engine->info;
    bool is_told = vendor_of(info)->tells_limits;
    const char *missing = is_told && !info->memory_limit ? "memory limits"
                          : is_told && !info->swap_limit ? "swap limits"
                          : is_told && !info->pids_limit ? "pids limits"
                          : is_told && !info->cpu_limit  ? "CPU limits"
                          : !info->seccomp               ? "seccomp"
                                                         : NULL;
    if (missing)
        return error_set(err, ERR_ENGINE, "the engine's host does not support %s", missing);
    const char *wanted = engine->config->oci_runtime;
    if (wanted[0] && !vendor_of(info)->has_choice_of_runtime &&
        strcmp(wanted, info->oci_runtime) != 0)
        return error_set(err, ERR_ENGINE,
                         "%s makes boxes with its own OCI runtime, \"%s\" (MAYFLY_OCI_RUNTIME)",
                         vendor_of(info)->name, info->oci_runtime);
    char runtime[72];
    snprintf(runtime, sizeof runtime, ",%s,", engine->config->oci_runtime);
    if (engine->config->oci_runtime[0] && !strstr(info->oci_runtimes, runtime))
        return error_set(err, ERR_ENGINE,
                         "the engine has no OCI runtime \"%s\" (MAYFLY_OCI_RUNTIME)",
                         engine->config->oci_runtime);
    return true;
}

/* Write our profile for the engine's architecture. An operator's profile was read at the start, and
 * is used for any architecture. */
static bool write_seccomp(struct engine *engine, struct error *err)
{
    enum seccomp_arch arch;
    if (engine->config->seccomp[0])
        return true;
    if (!seccomp_arch_of(engine->info.architecture, &arch))
        return error_set(err, ERR_ENGINE,
                         "there is no seccomp profile for architecture \"%s\" (MAYFLY_SECCOMP)",
                         engine->info.architecture);
    const char *chosen = engine->config->oci_runtime;
    const char *runtime = chosen[0] ? chosen : engine->info.oci_runtime;
    enum seccomp_form form = facts_is_gvisor(&engine->info, runtime) ? SECCOMP_SHORT : SECCOMP_LONG;
    buf_truncate(&engine->seccomp, 0);
    return seccomp_write(arch, form, &engine->seccomp) ||
           error_set(err, ERR_SYSTEM, "out of memory");
}

/* Escape the profile once, not for each box, because it has thousands of quotes. */
static bool escape_seccomp(struct engine *engine, struct error *err)
{
    struct json_out json;
    buf_truncate(&engine->seccomp_escaped, 0);
    json_begin(&json, &engine->seccomp_escaped);
    json_put_string(&json, buf_bytes(&engine->seccomp).data, engine->seccomp.len);
    return json.ok || error_set(err, ERR_SYSTEM, "out of memory");
}

/* Write the profile to a file, for an engine that reads one. By default the file is next to the
 * engine's socket, because the broker and the engine both have that folder. */
static bool have_seccomp_file(struct engine *engine, struct error *err)
{
    const struct config *config = engine->config;
    char folder[sizeof config->profile_folder];
    snprintf(folder, sizeof folder, "%s",
             config->profile_folder[0] ? config->profile_folder : config->engine_socket);
    char *end = strrchr(folder, '/');
    if (!config->profile_folder[0] && end)
        *end = '\0';
    return !vendor_of(&engine->info)->reads_profile_file ||
           profile_file_write(&engine->seccomp_file, folder, buf_bytes(&engine->seccomp), err);
}

static bool image_is_ours(const char *name, const struct docker_image *image, struct error *err)
{
    char protocol[16];
    snprintf(protocol, sizeof protocol, "%d", WIRE_VERSION);
    if (image->template[0] != '/')
        return error_set(err, ERR_ENGINE,
                         "image %s is not a runner image: it has no label mayfly.template", name);
    if (strcmp(image->protocol, protocol) != 0)
        return error_set(err, ERR_ENGINE,
                         "image %s speaks protocol \"%s\", this gateway %s: rebuild the image",
                         name, image->protocol, protocol);
    if (image->has_volumes)
        return error_set(err, ERR_ENGINE, "image %s has a VOLUME, which would be writable", name);
    return true;
}

static void on_image(void *arg, const struct docker_result *result,
                     const struct docker_image *image)
{
    struct engine *engine = arg;
    const char *name = engine->config->runtimes[engine->found_count].image;
    const char *hint = result->missing ? NO_IMAGE_HINT : NULL;
    struct error err = result->error;
    engine->call = NULL;
    if (result->missing)
        error_set(&err, ERR_ENGINE, "the engine has no image %s", name);
    if (err.kind != ERR_NONE || !image_is_ours(name, image, &err)) {
        end_check(engine, &err, hint);
        return;
    }
    engine->found[engine->found_count++] = *image;
    find_next_image(engine);
}

static void find_next_image(struct engine *engine)
{
    struct error err = {.kind = ERR_NONE};
    if (engine->found_count == engine->config->runtimes_count) {
        end_check(engine, &err, NULL);
        return;
    }
    const char *name = engine->config->runtimes[engine->found_count].image;
    engine->call = docker_find_image(engine->docker, name, on_image, engine);
    if (!engine->call) {
        error_set(&err, ERR_ENGINE, "image name \"%s\" is malformed", name);
        end_check(engine, &err, NULL);
    }
}

static void on_probed(void *arg, const struct docker_result *result,
                      const struct docker_engine *info)
{
    struct engine *engine = arg;
    engine->call = NULL;
    struct error err = result->error;
    if (err.kind == ERR_NONE) {
        engine->info = *info;
        if (can_enforce(engine, &err) && write_seccomp(engine, &err) &&
            escape_seccomp(engine, &err))
            have_seccomp_file(engine, &err);
    }
    if (err.kind != ERR_NONE) {
        error_prefix(&err, "engine");
        end_check(engine, &err, result->error.kind != ERR_NONE ? NO_ENGINE_HINT : NULL);
        return;
    }
    engine->found_count = 0;
    find_next_image(engine);
}

static void check(void *arg)
{
    struct engine *engine = arg;
    engine->call = docker_probe(engine->docker, on_probed, engine);
    if (!engine->call)
        timer_start(engine->timers, &engine->timer, CHECK_DOWN_MS);
}

struct engine *engine_new(struct timers *timers, struct docker *docker, const struct config *config,
                          const struct engine_events *events, void *arg, struct error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    engine->timers = timers;
    engine->docker = docker;
    engine->config = config;
    engine->events = events;
    engine->arg = arg;
    engine->timer = (struct timer){.on_due = check, .arg = engine};
    buf_init(&engine->seccomp, SECCOMP_MAX_BYTES);
    buf_init(&engine->seccomp_escaped, ESCAPE_ROOM(SECCOMP_MAX_BYTES));
    if (config->seccomp[0] && !seccomp_read_file(config->seccomp, &engine->seccomp, err)) {
        error_prefix(err, "MAYFLY_SECCOMP is \"%s\"", config->seccomp);
        engine_free(engine);
        return NULL;
    }
    error_set(&engine->trouble, ERR_ENGINE, "the engine has not answered yet");
    timer_start(timers, &engine->timer, 0);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    timer_stop(engine->timers, &engine->timer);
    docker_cancel(engine->call);
    buf_release(&engine->seccomp);
    buf_release(&engine->seccomp_escaped);
    profile_file_remove(&engine->seccomp_file);
    free(engine);
}

bool engine_is_up(const struct engine *engine)
{
    return engine->up;
}

const char *engine_trouble(const struct engine *engine)
{
    return engine->up ? "" : engine->trouble.text;
}

const char *engine_hint(const struct engine *engine)
{
    return engine->hint;
}

const struct docker_engine *engine_info(const struct engine *engine)
{
    return &engine->info;
}

const struct docker_image *engine_image(const struct engine *engine, size_t runtime_index)
{
    return &engine->images[runtime_index];
}

struct bytes engine_seccomp(const struct engine *engine)
{
    struct bytes string = buf_bytes(&engine->seccomp_escaped);
    return (struct bytes){string.data + 1, string.len - 2};
}

const char *engine_seccomp_path(const struct engine *engine)
{
    return engine->seccomp_file.path;
}

void engine_suspect(struct engine *engine)
{
    bool is_soon = engine->timer.deadline_ms <= clock_now_ms() + CHECK_DOWN_MS;
    if (!engine->call && !is_soon)
        timer_start(engine->timers, &engine->timer, CHECK_SUSPECT_MS);
}
