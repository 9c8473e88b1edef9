/* engine.h - checks that the engine answers, can enforce our limits, and has our images.
 *
 *   DOWN --(check)--> CHECKING --(all holds)--> UP --(a check fails)--> DOWN
 *
 * Checks by itself: at once when engine_suspect asks for it, soon after a failure, and from time to
 * time while UP. Knows no box.
 */
#ifndef MAYFLY_ENGINE_H
#define MAYFLY_ENGINE_H

#include "broker/engine/docker.h"
#include "common/config.h"

struct engine;

struct engine_events {
    void (*on_up)(void *arg);                            /* DOWN -> UP; images may have new ids */
    void (*on_down)(void *arg, const struct error *why); /* UP -> DOWN, or a further check failed */
};

/* Borrows all; starts the first check. Fails with ERR_INVALID when MAYFLY_SECCOMP is no profile. */
struct engine *engine_new(struct timers *timers, struct docker *docker, const struct config *config,
                          const struct engine_events *events, void *arg, struct error *err);
void engine_free(struct engine *engine);

bool engine_is_up(const struct engine *engine);
/* Returns why the engine is not up; "" while UP. */
const char *engine_trouble(const struct engine *engine);
/* Returns a remedy, for the operator and not for clients. NULL when none is known, or while UP. */
const char *engine_hint(const struct engine *engine);
/* Returns the known facts about the engine. They are complete from the first UP on; the version is
 * empty before the engine has answered. */
const struct docker_engine *engine_info(const struct engine *engine);
const struct docker_image *engine_image(const struct engine *engine, size_t runtime_index);

/* The seccomp profile for its boxes: ours for its architecture, or MAYFLY_SECCOMP's, as spec.h
 * wants it. It exists from the first UP on, and is valid until the next check. */
struct bytes engine_seccomp(const struct engine *engine);

/* The path of the file that contains it, for an engine that reads it from a file; "" for others.
 * Valid as long as the engine. */
const char *engine_seccomp_path(const struct engine *engine);

/* A call has failed: check the engine now, unless a check is pending or was just made. */
void engine_suspect(struct engine *engine);

#endif
