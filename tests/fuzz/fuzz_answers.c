/* Checks that every answer of the engine, however malformed, is reported to the caller exactly
 * once: as a success that keeps the promises of docker.h, or as a failure with an error text.
 *
 * The input: a byte that selects the call, a byte that is half the HTTP status, then the answer's
 * body. A probe has two bodies, separated by a NUL. HTTP calls and streams are replaced by stubs.
 */
#include "fuzz.h"

#include "broker/engine/docker.h"
#include "broker/engine/enginehttp.h"

/* ---- stubs of HTTP calls and streams ---- */

struct http_call {
    http_answered *answered;
    void *arg;
    bool is_under_way;
};

static struct http_call script;
static char last_path[1024];

struct transfers *transfers_new(struct loop *loop, const char *socket_path, struct error *err)
{
    (void)loop;
    (void)socket_path;
    (void)err;
    return (struct transfers *)&script;
}

void transfers_free(struct transfers *transfers)
{
    must(transfers == (struct transfers *)&script);
}

void transfers_sweep(struct transfers *transfers)
{
    (void)transfers;
}

struct http_call *http_call_start(struct transfers *transfers, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *answered, void *arg, struct error *err)
{
    (void)transfers;
    (void)method;
    (void)body;
    (void)err;
    must(timeout_ms > 0 && !script.is_under_way);
    must(strlen(path) < sizeof(last_path) && path[0] == '/' && !strpbrk(path, " \r\n"));
    snprintf(last_path, sizeof(last_path), "%s", path);
    script = (struct http_call){.answered = answered, .arg = arg, .is_under_way = true};
    return &script;
}

void http_call_cancel(struct http_call *call)
{
    call->is_under_way = false;
}

struct attach *attach_open(struct transfers *transfers, const char *path, uint32_t timeout_ms,
                           const struct attach_events *events, void *arg, struct error *err)
{
    (void)transfers;
    (void)path;
    (void)timeout_ms;
    (void)events;
    (void)arg;
    error_set(err, ERR_SYSTEM, "no streams here");
    return NULL;
}

void attach_measure(struct attach *attach, struct metered metered)
{
    (void)attach;
    (void)metered;
}

/* Answer the pending calls one after the other with the bodies in data. */
static void answer_all(long status, struct bytes data)
{
    while (script.is_under_way) {
        const uint8_t *end = data.len ? memchr(data.data, 0, data.len) : NULL;
        size_t len = end ? (size_t)(end - data.data) : data.len;
        /* a copy, so that the sanitizer notices reads past the end */
        uint8_t *body = malloc(len + (len == 0));
        must(body != NULL);
        memcpy(body, data.data, len);
        struct http_answer answer = {.status = status, .body = bytes_of(body, len)};
        if (status == 0)
            error_set(&answer.error, ERR_TIMEOUT, "no answer came");
        struct http_call call = script;
        script.is_under_way = false;
        call.answered(call.arg, &answer);
        free(body);
        size_t used = end ? len + 1 : len;
        data = bytes_of(data.data + used, data.len - used);
    }
}

/* ---- the checks ---- */

static unsigned told;

static bool succeeded(void *arg, const struct docker_result *result)
{
    must(arg == &told);
    told++;
    bool is_success = result->error.kind == ERR_NONE;
    must(is_success || result->error.text[0]);
    must(!is_success || (result->status >= 200 && result->status < 400));
    must(result->missing == (result->status == 404));
    return is_success;
}

static bool is_id(const char *id)
{
    return strlen(id) == DOCKER_ID_MAX && strspn(id, "0123456789abcdef") == DOCKER_ID_MAX;
}

#define must_end(array) must(memchr(array, 0, sizeof(array)) != NULL)

static void on_probed(void *arg, const struct docker_result *result,
                      const struct docker_engine *engine)
{
    if (!succeeded(arg, result))
        return;
    must_end(engine->version);
    must_end(engine->oci_runtime);
    must_end(engine->oci_runtimes);
    must(strncmp(engine->api_version, "1.", 2) == 0 && strlen(engine->api_version) == 4);
    must(strstr(last_path, "/info") && strstr(last_path, engine->api_version));
    must(engine->cpus < 100000);
}

static void on_image(void *arg, const struct docker_result *result,
                     const struct docker_image *image)
{
    must_end(image->id);
    must_end(image->template);
    must_end(image->protocol);
    if (succeeded(arg, result))
        must(strncmp(image->id, "sha256:", 7) == 0);
}

static void on_created(void *arg, const struct docker_result *result, const char *id)
{
    if (succeeded(arg, result))
        must(is_id(id));
}

static void on_done(void *arg, const struct docker_result *result)
{
    succeeded(arg, result);
}

static void on_inspected(void *arg, const struct docker_result *result, bool oom_killed)
{
    bool is_success = succeeded(arg, result);
    must(is_success || !oom_killed);
}

static void on_listing(void *arg, const struct docker_result *result,
                       const struct docker_listed *list, size_t count)
{
    must(succeeded(arg, result) || count == 0);
    for (size_t i = 0; i < count; i++) {
        must(is_id(list[i].id));
        must_end(list[i].name);
        must_end(list[i].instance);
    }
}

/* ---- the calls ---- */

static struct docker_call *call(struct docker *docker, unsigned which)
{
    static const char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    switch (which % 7) {
    case 0:
        return docker_probe(docker, on_probed, &told);
    case 1:
        return docker_find_image(docker, "python:latest", on_image, &told);
    case 2:
        return docker_create(docker, "mayfly-1", bytes_of_string("{}"), on_created, &told);
    case 3:
        return docker_start(docker, id, on_done, &told);
    case 4:
        return docker_remove(docker, id, on_done, &told);
    case 5:
        return docker_inspect(docker, id, on_inspected, &told);
    default:
        return docker_list(docker, on_listing, &told);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    struct docker *docker = docker_new(NULL, "/nowhere", 1000, NULL);
    must(docker != NULL);
    told = 0;
    must(call(docker, data[0]) != NULL && told == 0);
    answer_all(2L * data[1], bytes_of(data + 2, len - 2));
    must(told == 1);
    docker_free(docker);
    return 0;
}
