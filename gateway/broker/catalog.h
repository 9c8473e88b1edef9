/* catalog.h - the runtimes, as fronts see them. */
#ifndef MAYFLY_CATALOG_H
#define MAYFLY_CATALOG_H

#include "broker/engine/engine.h"
#include "broker/pool/pool.h"
#include "common/runtime.h"

/* Every configured runtime, as its image was when the engine was last seen UP. */
void catalog_fill(struct runtimes *runtimes, const struct config *config,
                  const struct engine *engine, const struct pool *pool);

#endif
