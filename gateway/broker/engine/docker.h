/* docker.h - the few calls of the Docker Engine API that Mayfly makes.
 *
 * Knows the engine's paths, status codes and JSON, but not the purpose of a box. The facts come
 * from the Engine API reference, versions 1.41 to 1.51, and from measurements on 20.10 to 28.5. A
 * missing container (404) is no ordinary failure, because for a removal it is success.
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

/* The result of a call: error.kind is ERR_NONE on success. ERR_ENGINE: refused, cut or answered
 * with a failure; ERR_TIMEOUT. status is the engine's, 0 when no answer came. */
struct docker_result {
    long status;
    bool missing; /* 404: no such container, or image */
    bool unsent;  /* no connection: the engine has not seen the request */
    struct error error;
};

/* Borrows socket_path. timeout_ms is each call's deadline; start and remove have three times that.
 */
struct docker *docker_new(struct loop *loop, const char *socket_path, uint32_t timeout_ms,
                          struct error *err);
void docker_free(struct docker *docker);
void docker_sweep(struct docker *docker); /* the loop's safe point, last in each turn */
/* Put the metrics of the calls. */
void docker_report(const struct docker *docker, struct samples *samples);

typedef void docker_done(void *arg, const struct docker_result *result);
void docker_cancel(struct docker_call *call);

/* ---- the engine and its images ---- */

/* GET /version, negotiate, then GET /info. After success every other call uses the negotiated
 * version. */
typedef void docker_probed(void *arg, const struct docker_result *result,
                           const struct docker_engine *engine);
struct docker_call *docker_probe(struct docker *docker, docker_probed *done, void *arg);

typedef void docker_image_found(void *arg, const struct docker_result *result,
                                const struct docker_image *image);
struct docker_call *docker_find_image(struct docker *docker, const char *name,
                                      docker_image_found *done, void *arg);

/* ---- one container ---- */

/* Create a container with a name that we choose, so that it can be removed even if the answer is
 * lost. A warning of the engine is a failure, because it means that a limit is not enforced, unless
 * warning.h knows it to be harmless. */
typedef void docker_created(void *arg, const struct docker_result *result, const char *id);
struct docker_call *docker_create(struct docker *docker, const char *name, struct bytes json,
                                  docker_created *done, void *arg);

struct docker_call *docker_start(struct docker *docker, const char *id, docker_done *done,
                                 void *arg);

/* Remove a container by name or id, running or not, with its volumes. `missing` with ERR_NONE means
 * that it did not exist any more. */
struct docker_call *docker_remove(struct docker *docker, const char *name, docker_done *done,
                                  void *arg);

typedef void docker_inspected(void *arg, const struct docker_result *result, bool oom_killed);
struct docker_call *docker_inspect(struct docker *docker, const char *id, docker_inspected *done,
                                   void *arg);

/* The engine's own counts for a running container, from outside it. */
struct docker_usage {
    uint64_t cpu_ns;
    /* periods that the kernel has counted under a limit of CPU time, throttled or not */
    uint64_t cpu_periods_count;
};
typedef void docker_measured(void *arg, const struct docker_result *result,
                             const struct docker_usage *usage);
struct docker_call *docker_measure(struct docker *docker, const char *id, docker_measured *done,
                                   void *arg);

/* Attach all three streams, multiplexed (demux.h). The rest is as for attach_open. Returns NULL
 * when it cannot be started. */
struct attach *docker_attach(struct docker *docker, const char *id,
                             const struct attach_events *events, void *arg, struct error *err);

/* ---- all our containers ---- */

struct docker_listed {
    char id[DOCKER_ID_MAX + 1];
    char name[DOCKER_NAME_MAX + 1];
    char instance[32];    /* label mayfly.instance */
    uint64_t deadline_ms; /* label mayfly.deadline_ms, in clock_wall_ms; 0 when there is none */
    bool exited;          /* not created, not running */
    bool is_unstarted;    /* created, never started */
    uint64_t created_ms;  /* by the engine's wall clock, to the second */
};
typedef void docker_listing(void *arg, const struct docker_result *result,
                            const struct docker_listed *list, size_t count);
struct docker_call *docker_list(struct docker *docker, docker_listing *done, void *arg);

#endif
