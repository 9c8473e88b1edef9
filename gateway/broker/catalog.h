/* catalog.h - the list of runtimes that the broker sends to fronts. */
#ifndef MAYFLY_CATALOG_H
#define MAYFLY_CATALOG_H

#include "broker/engine/engine.h"
#include "broker/pool/pool.h"
#include "common/runtime.h"

/* Fill in all configured runtimes. The facts about their images are those from the time when the
 * engine was last UP. */
void catalog_fill(struct runtimes *runtimes, const struct config *config,
                  const struct engine *engine, const struct pool *pool);

#endif
