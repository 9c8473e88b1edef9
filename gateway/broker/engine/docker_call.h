/* docker_call.h - the parts that the implementations of docker.h share. Private to docker.c
 * (containers) and docker_info.c (the engine and images). */
#ifndef MAYFLY_DOCKER_CALL_H
#define MAYFLY_DOCKER_CALL_H

#include "broker/engine/docker.h"
#include "broker/engine/enginehttp.h"
#include "common/json.h"

#define DOCKER_PATH_MAX_BYTES 768

struct docker {
    struct transfers *transfers;
    uint32_t timeout_ms;
    struct meter meter;
    struct docker_engine engine; /* api_version is "" until a probe has succeeded */
};

struct docker_call {
    struct docker *docker;
    struct http_call *http;
    struct metered metered;
    bool malformed; /* the answer was malformed */
    void (*finish)(struct docker_call *call, const struct http_answer *answer);
    void *arg;
    struct docker_engine *probed; /* results of a probe until it has succeeded; owned */
    union {
        docker_done *done;
        docker_probed *probed;
        docker_image_found *image_found;
        docker_created *created;
        docker_inspected *inspected;
        docker_measured *measured;
        docker_listing *listing;
    } tell;
};

typedef void docker_finish(struct docker_call *call, const struct http_answer *answer);

/* Returns NULL when memory is out. Send the call with docker_send, which frees it on failure. */
struct docker_call *docker_call_new(struct docker *docker, enum engine_call kind, void *arg,
                                    docker_finish *finish);

/* Send the call under the API version `api` ("" for none). Returns call; on failure frees it and
 * returns NULL. call may be NULL. */
struct docker_call *docker_send(struct docker_call *call, const char *api, const char *method,
                                const char *path, const struct bytes *body, uint32_t timeout_ms);

/* Reuse this call to GET a second path. Call it only within finish. A failure is reported as usual,
 * by finish. */
void docker_resend(struct docker_call *call, enum engine_call kind, const char *api,
                   const char *path);

/* Interpret an answer: a status from 200 to 399 is success. Otherwise the error's text is the
 * engine's message. */
struct docker_result docker_result_of(const struct http_answer *answer);
void docker_malformed(struct docker_call *call, struct docker_result *result, const char *what);

/* Returns true if this can be part of a path: only characters of the engine's names and those in
 * `extra`. */
bool docker_is_safe(const char *name, const char *extra);

/* Copy a JSON string, cut to size; "" if value is not a string. */
void docker_copy_text(char *to, size_t size, const struct json *value);

#endif
