#include "broker/catalog.h"

#include <stdio.h>

void catalog_fill(struct runtimes *runtimes, const struct config *config,
                  const struct engine *engine, const struct pool *pool)
{
    *runtimes = (struct runtimes){.count = config->runtimes_count};
    for (size_t i = 0; i < config->runtimes_count; i++) {
        struct runtime *runtime = &runtimes->all[i];
        const struct docker_image *image = engine_image(engine, i);
        snprintf(runtime->name, sizeof runtime->name, "%s", config->runtimes[i].name);
        snprintf(runtime->language, sizeof runtime->language, "%s", image->language);
        snprintf(runtime->version, sizeof runtime->version, "%s", image->version);
        snprintf(runtime->packages, sizeof runtime->packages, "%s", image->packages);
        runtime->ready = pool_ready_count(pool, i);
    }
}
