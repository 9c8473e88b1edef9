/* Calls that find out what the engine can enforce, and that read images' labels. */
#include "broker/engine/docker_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/engine/vendor.h"
#include "common/number.h"

/* The newest API version that was tested (engine 28.5); also used with newer engines. 1.41 (engine
 * 20.10) is the first that has CgroupnsMode. */
#define API_NEWEST_MINOR 51
#define API_OLDEST_MINOR 41

/* ---- the engine ---- */

static bool parse_minor(const struct json *value, unsigned *minor)
{
    char text[16];
    docker_copy_text(text, sizeof text, value);
    uint64_t number;
    if (strncmp(text, "1.", 2) != 0 || !number_parse_uint(text + 2, strlen(text + 2), &number) ||
        number > 999)
        return false;
    *minor = (unsigned)number;
    return true;
}

/* Choose the newest API version that both sides know. A fixed version cannot serve both engine
 * 20.10 (at most 1.41) and 29 (at least 1.44). */
static void negotiate(struct docker_call *call, const struct json *version,
                      struct docker_result *result)
{
    struct docker_engine *engine = call->probed;
    unsigned newest, oldest = 0;
    if (!parse_minor(json_get(version, "ApiVersion"), &newest)) {
        docker_malformed(call, result, "/version");
        return;
    }
    parse_minor(json_get(version, "MinAPIVersion"), &oldest);
    if (newest < API_OLDEST_MINOR || oldest > API_NEWEST_MINOR) {
        error_set(&result->error, ERR_ENGINE,
                  "the engine speaks API 1.%u to 1.%u; Mayfly needs one of 1.%d to 1.%d", oldest,
                  newest, API_OLDEST_MINOR, API_NEWEST_MINOR);
        return;
    }
    snprintf(engine->api_version, sizeof engine->api_version, "1.%u",
             newest < API_NEWEST_MINOR ? newest : API_NEWEST_MINOR);
    docker_copy_text(engine->version, sizeof engine->version, json_get(version, "Version"));
    engine->vendor = vendor_recognize(version);
}

static bool is_true(const struct json *object, const char *name)
{
    const struct json *value = json_get(object, name);
    return json_type_of(value) == JSON_BOOL && json_bool(value);
}

static void read_security(struct docker_engine *engine, const struct json *options)
{
    for (size_t i = 0; json_type_of(options) == JSON_ARRAY && i < json_array_len(options); i++) {
        char option[64];
        docker_copy_text(option, sizeof option, json_array_at(options, i));
        engine->seccomp = engine->seccomp || strncmp(option, "name=seccomp", 12) == 0;
        engine->userns = engine->userns || strncmp(option, "name=userns", 11) == 0;
        engine->rootless = engine->rootless || strncmp(option, "name=rootless", 13) == 0;
        engine->apparmor = engine->apparmor || strncmp(option, "name=apparmor", 13) == 0;
    }
    /* Without root, Podman reports the host's AppArmor although it may not load a profile. */
    engine->apparmor = engine->apparmor && !engine->rootless;
}

/* Append a name to a list such as ",runc,crun,", in which one can search for ",name,". A name that
 * does not fit is left out. */
static void append_name(char *list, size_t size, const char *name)
{
    size_t len = strlen(list);
    int put = snprintf(list + len, size - len, "%s%s,", len ? "" : ",", name);
    if (put < 0 || (size_t)put >= size - len)
        list[len] = '\0';
}

/* Decide by the program or shim that the engine executes; a runtime's name can be anything. */
static bool is_gvisor(const struct json *runtime)
{
    char path[256], shim[64];
    docker_copy_text(path, sizeof path, json_get(runtime, "path"));
    docker_copy_text(shim, sizeof shim, json_get(runtime, "runtimeType"));
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, "runsc") == 0 ||
           strncmp(shim, "io.containerd.runsc.", 20) == 0;
}

static void read_runtimes(struct docker_engine *engine, const struct json *runtimes)
{
    size_t position = 0;
    const char *name;
    const struct json *value;
    while (json_type_of(runtimes) == JSON_OBJECT && json_next(runtimes, &position, &name, &value)) {
        append_name(engine->oci_runtimes, sizeof engine->oci_runtimes, name);
        if (is_gvisor(value))
            append_name(engine->gvisor_runtimes, sizeof engine->gvisor_runtimes, name);
    }
}

static void read_info(struct docker_engine *engine, const struct json *info)
{
    int64_t cpus = 0;
    json_integer(json_get(info, "NCPU"), &cpus);
    engine->cpus = cpus > 0 && cpus < 100000 ? (uint32_t)cpus : 0;
    char cgroup[8];
    docker_copy_text(cgroup, sizeof cgroup, json_get(info, "CgroupVersion"));
    engine->cgroup_v2 = strcmp(cgroup, "2") == 0;
    engine->memory_limit = is_true(info, "MemoryLimit");
    engine->swap_limit = is_true(info, "SwapLimit");
    engine->pids_limit = is_true(info, "PidsLimit");
    engine->cpu_limit = is_true(info, "CpuCfsQuota");
    engine->socket_memory_limit = !engine->cgroup_v2 && is_true(info, "KernelMemoryTCP");
    docker_copy_text(engine->oci_runtime, sizeof engine->oci_runtime,
                     json_get(info, "DefaultRuntime"));
    char architecture[16];
    docker_copy_text(architecture, sizeof architecture, json_get(info, "Architecture"));
    snprintf(engine->architecture, sizeof engine->architecture, "%s",
             vendor_architecture(architecture));
    read_runtimes(engine, json_get(info, "Runtimes"));
    read_security(engine, json_get(info, "SecurityOptions"));
}

static void finish_info(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    if (result.error.kind == ERR_NONE) {
        struct json *info = json_parse(answer->body.data, answer->body.len, NULL);
        if (json_type_of(info) == JSON_OBJECT) {
            read_info(call->probed, info);
            call->docker->engine = *call->probed;
        } else {
            docker_malformed(call, &result, "/info");
        }
        json_free(info);
    }
    call->tell.probed(call->arg, &result, call->probed);
}

/* Handle the first half of a probe. The second half reuses the same call, so that the caller has
 * only one to cancel. */
static void finish_version(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    if (result.error.kind == ERR_NONE) {
        struct json *version = json_parse(answer->body.data, answer->body.len, NULL);
        negotiate(call, version, &result);
        json_free(version);
    }
    if (result.error.kind != ERR_NONE) {
        call->tell.probed(call->arg, &result, call->probed);
        return;
    }
    call->finish = finish_info;
    docker_resend(call, ENGINE_INFO, call->probed->api_version, "/info");
}

struct docker_call *docker_probe(struct docker *docker, docker_probed *done, void *arg)
{
    struct docker_call *call = docker_call_new(docker, ENGINE_VERSION, arg, finish_version);
    if (!call)
        return NULL;
    call->tell.probed = done;
    call->probed = calloc(1, sizeof *call->probed);
    if (!call->probed) {
        free(call);
        return NULL;
    }
    return docker_send(call, "", "GET", "/version", NULL, docker->timeout_ms);
}

/* ---- images ---- */

static void finish_image(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    struct docker_image image = {0};
    if (result.error.kind == ERR_NONE) {
        struct json *document = json_parse(answer->body.data, answer->body.len, NULL);
        const struct json *config = json_get(document, "Config");
        const struct json *labels = json_get(config, "Labels");
        docker_copy_text(image.id, sizeof image.id, json_get(document, "Id"));
        docker_copy_text(image.template, sizeof image.template,
                         json_get(labels, "mayfly.template"));
        docker_copy_text(image.protocol, sizeof image.protocol,
                         json_get(labels, "mayfly.protocol"));
        docker_copy_text(image.language, sizeof image.language,
                         json_get(labels, "mayfly.language"));
        docker_copy_text(image.version, sizeof image.version, json_get(labels, "mayfly.version"));
        docker_copy_text(image.packages, sizeof image.packages,
                         json_get(labels, "mayfly.packages"));
        image.has_volumes = json_type_of(json_get(config, "Volumes")) != JSON_NULL;
        if (strncmp(image.id, "sha256:", 7) != 0)
            docker_malformed(call, &result, "an image inspect");
        json_free(document);
    }
    call->tell.image_found(call->arg, &result, &image);
}

struct docker_call *docker_find_image(struct docker *docker, const char *name,
                                      docker_image_found *done, void *arg)
{
    char path[DOCKER_PATH_MAX_BYTES];
    int len = snprintf(path, sizeof path, "/images/%s/json", name);
    if (len < 0 || (size_t)len >= sizeof path || !docker_is_safe(name, "/:@"))
        return NULL;
    struct docker_call *call = docker_call_new(docker, ENGINE_IMAGE, arg, finish_image);
    if (call)
        call->tell.image_found = done;
    return docker_send(call, docker->engine.api_version, "GET", path, NULL, docker->timeout_ms);
}
