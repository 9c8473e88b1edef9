#include "broker/pool/recipe.h"

#include "broker/engine/vendor.h"
#include "common/clock.h"

/* An unused init lives this much longer than the broker's age limit, so that the broker retires the
 * box first. */
#define IDLE_GRACE_MS 60000
/* The start call's own deadline has the same factor (docker.h). The interpreter's warm-up needs
 * less. */
#define START_PATIENCE_FACTOR 3

/* Returns the longest time that a box may be used after its greatest age. A session, or a last run,
 * may begin just before that age. */
static uint64_t longest_use_ms(const struct config *config)
{
    uint32_t session_ms = config_sessions_most(config) ? config->max_session_ms : 0;
    return (uint64_t)config->max_timeout_ms + session_ms + IDLE_GRACE_MS;
}

bool recipe_write(const struct recipe *recipe, struct buf *out)
{
    const struct config *config = recipe->config;
    const struct shelf *shelf = recipe->shelf;
    uint32_t idle_ms = config->box_age_ms + IDLE_GRACE_MS;
    struct spec spec = {
        .name = recipe->name,
        .engine = engine_info(recipe->engine),
        .image = engine_image(recipe->engine, shelf->runtime_index),
        .limits = shelf->limits,
        .uid = recipe->uid,
        .tmpfs_bytes = config->tmpfs_bytes,
        .idle_ms = idle_ms,
        .instance = recipe->instance,
        .deadline_ms = clock_wall_ms() + idle_ms + longest_use_ms(config),
        .seccomp = engine_seccomp(recipe->engine),
        .seccomp_path = engine_seccomp_path(recipe->engine),
        .oci_runtime = config->oci_runtime,
    };
    return vendor_of(spec.engine)->write_spec(&spec, out);
}

struct box_patience recipe_patience(const struct config *config)
{
    uint32_t call_ms = config->engine_timeout_ms;
    return (struct box_patience){.call_ms = call_ms,
                                 .start_ms = call_ms * START_PATIENCE_FACTOR,
                                 .age_ms = config->box_age_ms,
                                 .idle_ms = config->box_idle_ms};
}
