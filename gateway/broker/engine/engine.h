/* engine.h - checks that the engine answers, can enforce our limits, and has our images.
 *
 *   DOWN --(check)--> CHECKING --(all holds)--> UP --(a check fails)--> DOWN
 *
 * Checks are regular while the engine is UP. A further check starts soon after a failed check, and
 * at once by engine_suspect. Knows nothing of boxes.
 */
#ifndef MAYFLY_ENGINE_H
#define MAYFLY_ENGINE_H

#include "broker/engine/docker.h"
#include "common/config.h"

struct engine;

struct engine_events {
    /* moved from DOWN to UP; images may have new ids */
    void (*on_up)(void *arg);
    /* moved from UP to DOWN, or another check failed */
    void (*on_down)(void *arg, const struct error *why);
};

/* Borrows all; starts the first check. Returns NULL with ERR_INVALID if the file MAYFLY_SECCOMP is
 * not a profile. */
struct engine *engine_new(struct timers *timers, struct docker *docker, const struct config *config,
                          const struct engine_events *events, void *arg, struct error *err);
void engine_free(struct engine *engine);

bool engine_is_up(const struct engine *engine);
/* Returns why the engine is not up; "" while UP. */
const char *engine_trouble(const struct engine *engine);
/* Returns advice for the operator; do not show it to clients. NULL if there is none, or while
 * UP. */
const char *engine_hint(const struct engine *engine);
/* Returns what is known about the engine. Complete from the first UP on; the version is "" until
 * the engine has answered. */
const struct docker_engine *engine_info(const struct engine *engine);
const struct docker_image *engine_image(const struct engine *engine, size_t runtime_index);

/* Returns the seccomp profile for boxes, in the form that spec.h needs: ours for the engine's
 * architecture, or that of MAYFLY_SECCOMP. Available from the first UP on; valid until the next
 * check. */
struct bytes engine_seccomp(const struct engine *engine);

/* Returns the path of a file with the profile, for an engine that reads it from a file; "" for
 * others. Valid as long as the engine. */
const char *engine_seccomp_path(const struct engine *engine);

/* Check the engine now, because a call to it has failed. No-op if a check is in progress or was
 * just made. */
void engine_suspect(struct engine *engine);

#endif
