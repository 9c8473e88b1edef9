/* Calls about containers, and the code that all calls share. */
#include "broker/engine/docker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/engine/docker_call.h"
#include "broker/engine/vendor.h"
#include "broker/engine/warning.h"
#include "common/number.h"

/* Start and remove have this many times the usual deadline. Start runs the OCI runtime. Remove
 * kills the container first, and the engine waits up to 10 s for its end. */
#define SLOW_CALL_FACTOR 3
/* The engine's message is cut to this length. The failure of an OCI runtime is wrapped four times,
 * and its cause comes last, so this must be long. */
#define MESSAGE_MAX_BYTES 360

struct docker *docker_new(struct loop *loop, const char *socket_path, uint32_t timeout_ms,
                          struct error *err)
{
    struct docker *docker = calloc(1, sizeof *docker);
    if (!docker) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    docker->timeout_ms = timeout_ms;
    docker->transfers = transfers_new(loop, socket_path, err);
    if (!docker->transfers) {
        free(docker);
        return NULL;
    }
    return docker;
}

void docker_free(struct docker *docker)
{
    if (!docker)
        return;
    transfers_free(docker->transfers);
    free(docker);
}

void docker_sweep(struct docker *docker)
{
    transfers_sweep(docker->transfers);
}

void docker_report(const struct docker *docker, struct samples *samples)
{
    meter_report(&docker->meter, samples);
}

/* ---- one call ---- */

static void call_free(struct docker_call *call)
{
    free(call->probed);
    free(call);
}

static void on_answered(void *arg, const struct http_answer *answer)
{
    struct docker_call *call = arg;
    call->http = NULL;
    call->finish(call, answer);
    if (call->http) /* a probe has sent its second request */
        return;
    meter_end(&call->metered,
              call->malformed ? CALL_MALFORMED : meter_outcome(answer->status, answer->error.kind));
    call_free(call);
}

struct docker_call *docker_call_new(struct docker *docker, enum engine_call kind, void *arg,
                                    docker_finish *finish)
{
    struct docker_call *call = calloc(1, sizeof *call);
    if (call)
        *call = (struct docker_call){.docker = docker,
                                     .metered = meter_begin(&docker->meter, kind),
                                     .finish = finish,
                                     .arg = arg};
    return call;
}

static bool send_request(struct docker_call *call, const char *api, const char *method,
                         const char *path, const struct bytes *body, uint32_t timeout_ms)
{
    char full[DOCKER_PATH_MAX_BYTES + 32];
    snprintf(full, sizeof full, "%s%s%s", api[0] ? "/v" : "", api, path);
    call->http = http_call_start(call->docker->transfers, method, full, body, timeout_ms,
                                 on_answered, call, NULL);
    return call->http != NULL;
}

struct docker_call *docker_send(struct docker_call *call, const char *api, const char *method,
                                const char *path, const struct bytes *body, uint32_t timeout_ms)
{
    if (!call || send_request(call, api, method, path, body, timeout_ms))
        return call;
    meter_end(&call->metered, CALL_FAILED);
    call_free(call);
    return NULL;
}

void docker_resend(struct docker_call *call, enum engine_call kind, const char *api,
                   const char *path)
{
    meter_end(&call->metered, CALL_OK);
    call->metered = meter_begin(&call->docker->meter, kind);
    if (send_request(call, api, "GET", path, NULL, call->docker->timeout_ms))
        return;
    struct http_answer none = {0};
    error_set(&none.error, ERR_SYSTEM, "out of memory");
    meter_end(&call->metered, CALL_FAILED);
    call->finish(call, &none);
}

void docker_cancel(struct docker_call *call)
{
    if (!call)
        return;
    http_call_cancel(call->http);
    meter_end(&call->metered, CALL_CANCELED);
    call_free(call);
}

bool docker_is_safe(const char *name, const char *extra)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t len = strlen(name);
    size_t good = 0;
    while (good < len && (strchr(plain, name[good]) || strchr(extra, name[good])))
        good++;
    return len > 0 && good == len && !strstr(name, "..");
}

void docker_copy_text(char *to, size_t size, const struct json *value)
{
    struct bytes text = json_type_of(value) == JSON_STRING ? json_string(value) : bytes_of("", 0);
    size_t len = text.len < size ? text.len : size - 1;
    memcpy(to, text.data, len);
    to[len] = '\0';
}

struct docker_result docker_result_of(const struct http_answer *answer)
{
    struct docker_result result = {
        .status = answer->status, .unsent = answer->unsent, .error = answer->error};
    if (answer->status == 0 || (answer->status >= 200 && answer->status < 400))
        return result;
    result.missing = answer->status == 404;
    char message[MESSAGE_MAX_BYTES];
    struct json *document = json_parse(answer->body.data, answer->body.len, NULL);
    const struct json *value = json_get(document, "message");
    struct bytes text = json_type_of(value) == JSON_STRING ? json_string(value) : bytes_of("", 0);
    bytes_copy_ends(message, sizeof message, text);
    error_set(&result.error, ERR_ENGINE, "the engine answered %ld%s%s", answer->status,
              message[0] ? ": " : "", message);
    json_free(document);
    return result;
}

void docker_malformed(struct docker_call *call, struct docker_result *result, const char *what)
{
    call->malformed = true;
    error_set(&result->error, ERR_ENGINE, "the engine's answer to %s is malformed", what);
}

/* ---- containers ---- */

static bool is_ok(const struct docker_result *result)
{
    return result->error.kind == ERR_NONE;
}

static bool container_path(char path[static DOCKER_PATH_MAX_BYTES], const char *id,
                           const char *rest)
{
    if (!docker_is_safe(id, ""))
        return false;
    int len = snprintf(path, DOCKER_PATH_MAX_BYTES, "/containers/%s%s", id, rest);
    return len > 0 && len < DOCKER_PATH_MAX_BYTES;
}

static bool is_container_id(const char *id)
{
    return strlen(id) == DOCKER_ID_MAX && strspn(id, "0123456789abcdef") == DOCKER_ID_MAX;
}

static void finish_create(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    char id[DOCKER_ID_MAX + 1] = "";
    if (is_ok(&result)) {
        struct json *document = json_parse(answer->body.data, answer->body.len, NULL);
        char warning[160];
        docker_copy_text(id, sizeof id, json_get(document, "Id"));
        if (!is_container_id(id)) {
            docker_malformed(call, &result, "create");
        } else if (warning_counts(json_get(document, "Warnings"), warning, sizeof warning)) {
            error_set(&result.error, ERR_ENGINE, "the engine warned about the limits of a box: %s",
                      warning);
        }
        json_free(document);
    }
    call->tell.created(call->arg, &result, id);
}

struct docker_call *docker_create(struct docker *docker, const char *name, struct bytes json,
                                  docker_created *done, void *arg)
{
    char path[DOCKER_PATH_MAX_BYTES];
    if (!docker_is_safe(name, ""))
        return NULL;
    const struct vendor *vendor = vendor_of(&docker->engine);
    const char *api = vendor->create_api[0] ? vendor->create_api : docker->engine.api_version;
    snprintf(path, sizeof path, "%s%s", vendor->create_path, vendor->has_name_in_path ? name : "");
    struct docker_call *call = docker_call_new(docker, ENGINE_CREATE, arg, finish_create);
    if (call)
        call->tell.created = done;
    return docker_send(call, api, "POST", path, &json, docker->timeout_ms);
}

static void finish_plain(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    call->tell.done(call->arg, &result);
}

static struct docker_call *send_plain(struct docker *docker, enum engine_call kind, const char *id,
                                      docker_done *done, void *arg)
{
    char path[DOCKER_PATH_MAX_BYTES];
    bool removes = kind == ENGINE_REMOVE;
    if (!container_path(path, id, removes ? "?force=1&v=1" : "/start"))
        return NULL;
    struct docker_call *call = docker_call_new(docker, kind, arg, finish_plain);
    if (call)
        call->tell.done = done;
    return docker_send(call, docker->engine.api_version, removes ? "DELETE" : "POST", path, NULL,
                       docker->timeout_ms * SLOW_CALL_FACTOR);
}

struct docker_call *docker_start(struct docker *docker, const char *id, docker_done *done,
                                 void *arg)
{
    return send_plain(docker, ENGINE_START, id, done, arg);
}

struct docker_call *docker_remove(struct docker *docker, const char *name, docker_done *done,
                                  void *arg)
{
    return send_plain(docker, ENGINE_REMOVE, name, done, arg);
}

static bool is_true(const struct json *object, const char *name)
{
    const struct json *value = json_get(object, name);
    return json_type_of(value) == JSON_BOOL && json_bool(value);
}

static void finish_inspect(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    bool oom_killed = false;
    if (is_ok(&result)) {
        struct json *document = json_parse(answer->body.data, answer->body.len, NULL);
        const struct json *state = json_get(document, "State");
        oom_killed = is_true(state, "OOMKilled");
        if (json_type_of(state) != JSON_OBJECT)
            docker_malformed(call, &result, "inspect");
        json_free(document);
    }
    call->tell.inspected(call->arg, &result, oom_killed);
}

struct docker_call *docker_inspect(struct docker *docker, const char *id, docker_inspected *done,
                                   void *arg)
{
    char path[DOCKER_PATH_MAX_BYTES];
    if (!container_path(path, id, "/json"))
        return NULL;
    struct docker_call *call = docker_call_new(docker, ENGINE_INSPECT, arg, finish_inspect);
    if (call)
        call->tell.inspected = done;
    return docker_send(call, docker->engine.api_version, "GET", path, NULL, docker->timeout_ms);
}

static uint64_t read_count(const struct json *object, const char *name)
{
    int64_t number = 0;
    json_integer(json_get(object, name), &number);
    return number > 0 ? (uint64_t)number : 0;
}

static void finish_measure(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    struct docker_usage usage = {0};
    if (is_ok(&result)) {
        struct json *document = json_parse(answer->body.data, answer->body.len, NULL);
        const struct json *cpu = json_get(document, "cpu_stats");
        usage.cpu_ns = read_count(json_get(cpu, "cpu_usage"), "total_usage");
        usage.cpu_periods_count = read_count(json_get(cpu, "throttling_data"), "periods");
        if (json_type_of(cpu) != JSON_OBJECT)
            docker_malformed(call, &result, "stats");
        json_free(document);
    }
    call->tell.measured(call->arg, &result, &usage);
}

struct docker_call *docker_measure(struct docker *docker, const char *id, docker_measured *done,
                                   void *arg)
{
    char path[DOCKER_PATH_MAX_BYTES];
    if (!container_path(path, id, "/stats?stream=false&one-shot=true"))
        return NULL;
    struct docker_call *call = docker_call_new(docker, ENGINE_STATS, arg, finish_measure);
    if (call)
        call->tell.measured = done;
    return docker_send(call, docker->engine.api_version, "GET", path, NULL, docker->timeout_ms);
}

struct attach *docker_attach(struct docker *docker, const char *id,
                             const struct attach_events *events, void *arg, struct error *err)
{
    char path[DOCKER_PATH_MAX_BYTES], full[DOCKER_PATH_MAX_BYTES + 32];
    if (!container_path(path, id, "/attach?stream=1&stdin=1&stdout=1&stderr=1")) {
        error_set(err, ERR_ENGINE, "the engine gave a container a malformed id");
        return NULL;
    }
    snprintf(full, sizeof full, "/v%s%s", docker->engine.api_version, path);
    struct attach *stream =
        attach_open(docker->transfers, full, docker->timeout_ms, events, arg, err);
    if (stream)
        attach_measure(stream, meter_begin(&docker->meter, ENGINE_ATTACH));
    return stream;
}

/* ---- the list ---- */

static bool read_listed(const struct json *entry, struct docker_listed *listed)
{
    const struct json *names = json_get(entry, "Names");
    const struct json *labels = json_get(entry, "Labels");
    char name[DOCKER_NAME_MAX + 2] = "", state[16], deadline[24];
    if (json_type_of(names) == JSON_ARRAY && json_array_len(names) > 0)
        docker_copy_text(name, sizeof name, json_array_at(names, 0));
    docker_copy_text(listed->id, sizeof listed->id, json_get(entry, "Id"));
    snprintf(listed->name, sizeof listed->name, "%.*s", DOCKER_NAME_MAX,
             name[0] == '/' ? name + 1 : name);
    docker_copy_text(listed->instance, sizeof listed->instance,
                     json_get(labels, "mayfly.instance"));
    docker_copy_text(deadline, sizeof deadline, json_get(labels, "mayfly.deadline_ms"));
    docker_copy_text(state, sizeof state, json_get(entry, "State"));
    if (!number_parse_uint(deadline, strlen(deadline), &listed->deadline_ms))
        listed->deadline_ms = 0;
    int64_t created_s = 0;
    json_integer(json_get(entry, "Created"), &created_s);
    listed->created_ms = created_s > 0 ? (uint64_t)created_s * 1000 : 0;
    listed->is_unstarted = strcmp(state, "created") == 0;
    listed->exited = strcmp(state, "exited") == 0 || strcmp(state, "dead") == 0;
    return is_container_id(listed->id);
}

static void finish_list(struct docker_call *call, const struct http_answer *answer)
{
    struct docker_result result = docker_result_of(answer);
    struct json *document = NULL;
    struct docker_listed *list = NULL;
    size_t count = 0;
    if (is_ok(&result)) {
        document = json_parse(answer->body.data, answer->body.len, NULL);
        size_t len = json_type_of(document) == JSON_ARRAY ? json_array_len(document) : 0;
        list = calloc(len ? len : 1, sizeof *list);
        for (size_t i = 0; list && i < len; i++)
            count += read_listed(json_array_at(document, i), &list[count]);
        if (json_type_of(document) != JSON_ARRAY)
            docker_malformed(call, &result, "list");
    }
    json_free(document);
    call->tell.listing(call->arg, &result, list, count);
    free(list);
}

struct docker_call *docker_list(struct docker *docker, docker_listing *done, void *arg)
{
    /* {"label":["mayfly.managed=1"]}, percent-encoded */
    static const char path[] = "/containers/json?all=1&filters="
                               "%7B%22label%22%3A%5B%22mayfly.managed%3D1%22%5D%7D";
    struct docker_call *call = docker_call_new(docker, ENGINE_LIST, arg, finish_list);
    if (call)
        call->tell.listing = done;
    return docker_send(call, docker->engine.api_version, "GET", path, NULL, docker->timeout_ms);
}
