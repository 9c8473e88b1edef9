/* docker.h - the few calls of the Docker Engine API that Mayfly makes.
 *
 * Knows the engine's paths, status codes and JSON, but not what a box is for. Based on the Engine
 * API reference, versions 1.41 to 1.51, and on measurements with 20.10 to 28.5. A missing container
 * (404) is reported separately, because for a removal it means success.
 *
 * Callbacks follow the four laws in loop.h. Names and ids that go into a path are checked
 * against [a-zA-Z0-9_.-].
 */
#ifndef MAYFLY_DOCKER_H
#define MAYFLY_DOCKER_H

#include "broker/engine/attach.h"
#include "broker/engine/facts.h"
#include "common/sample.h"

#define DOCKER_ID_MAX 64
#define DOCKER_NAME_MAX 63

struct docker;
struct docker_call; /* a pending call; valid until its callback has run or docker_cancel */

/* The result of a call. error.kind is ERR_NONE on success; ERR_ENGINE if the call was refused,
 * cut off or answered with a failure; or ERR_TIMEOUT. status is the HTTP status, 0 without an
 * answer. */
struct docker_result {
    long status;
    bool missing; /* 404: there is no such container or image */
    bool unsent;  /* no connection was made: the engine has not seen the request */
    struct error error;
};

/* Borrows socket_path. timeout_ms is the deadline of each call; start and remove have three times
 * as long.
 */
struct docker *docker_new(struct loop *loop, const char *socket_path, uint32_t timeout_ms,
                          struct error *err);
void docker_free(struct docker *docker);
/* Start the calls that are new, and free those that have ended. Call it at the loop's safe point in
 * each turn. */
void docker_sweep(struct docker *docker);
/* Append the metrics of the calls. */
void docker_report(const struct docker *docker, struct samples *samples);

typedef void docker_done(void *arg, const struct docker_result *result);
void docker_cancel(struct docker_call *call);

/* ---- the engine and its images ---- */

/* GET /version, choose the API version, then GET /info. After success, all other calls use that
 * version. */
typedef void docker_probed(void *arg, const struct docker_result *result,
                           const struct docker_engine *engine);
struct docker_call *docker_probe(struct docker *docker, docker_probed *done, void *arg);

typedef void docker_image_found(void *arg, const struct docker_result *result,
                                const struct docker_image *image);
struct docker_call *docker_find_image(struct docker *docker, const char *name,
                                      docker_image_found *done, void *arg);

/* ---- one container ---- */

/* Create a container. We choose its name, so that it can be removed even if the answer is lost. A
 * warning of the engine counts as a failure, because it usually means that a limit is not enforced.
 * warning.h knows the harmless ones. */
typedef void docker_created(void *arg, const struct docker_result *result, const char *id);
struct docker_call *docker_create(struct docker *docker, const char *name, struct bytes json,
                                  docker_created *done, void *arg);

struct docker_call *docker_start(struct docker *docker, const char *id, docker_done *done,
                                 void *arg);

/* Remove a container by name or id, running or not, with its volumes. If it did not exist,
 * `missing` is set and error.kind is ERR_NONE. */
struct docker_call *docker_remove(struct docker *docker, const char *name, docker_done *done,
                                  void *arg);

typedef void docker_inspected(void *arg, const struct docker_result *result, bool oom_killed);
struct docker_call *docker_inspect(struct docker *docker, const char *id, docker_inspected *done,
                                   void *arg);

/* The engine's own counts for a running container. */
struct docker_usage {
    uint64_t cpu_ns;
    /* periods of a CPU quota that the kernel has counted, throttled or not */
    uint64_t cpu_periods_count;
};
typedef void docker_measured(void *arg, const struct docker_result *result,
                             const struct docker_usage *usage);
struct docker_call *docker_measure(struct docker *docker, const char *id, docker_measured *done,
                                   void *arg);

/* Attach all three streams (demux.h splits them). Fails, and reports the stream's events, as
 * attach_open does. */
struct attach *docker_attach(struct docker *docker, const char *id,
                             const struct attach_events *events, void *arg, struct error *err);

/* ---- all containers of Mayfly gateways ---- */

struct docker_listed {
    char id[DOCKER_ID_MAX + 1];
    char name[DOCKER_NAME_MAX + 1];
    char instance[32];    /* label mayfly.instance */
    uint64_t deadline_ms; /* label mayfly.deadline_ms, in clock_wall_ms; 0 if missing */
    bool exited;          /* it has run and exited */
    bool is_unstarted;    /* it was created but never started */
    uint64_t created_ms;  /* from the engine's wall clock, in whole seconds */
};
typedef void docker_listing(void *arg, const struct docker_result *result,
                            const struct docker_listed *list, size_t count);
struct docker_call *docker_list(struct docker *docker, docker_listing *done, void *arg);

#endif
