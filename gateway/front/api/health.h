/* health.h - GET /health, /livez and /readyz: whether a run would work, whether the process is
 * alive, and whether it should get traffic. */
#ifndef MAYFLY_HEALTH_H
#define MAYFLY_HEALTH_H

#include "front/api/call.h"

/* Returns true if a run that is sent now would work; otherwise err says why not. */
bool health_would_run(const struct service *service, struct error *err);

/* Answers 200 {"status":"healthy"} if a run that is sent now would work, else 503
 * {"status":"unhealthy","reason":"..."}. Adds "sessions":{"open":0,"limit":8}, unless the settings
 * allow no sessions. */
void health_handle(const struct call *call);
/* Always answers 200 {"status":"alive"}. */
void livez_handle(const struct call *call);
/* Answers like health_handle, but {"status":"ready"} or {"status":"unready","reason":"..."}. */
void readyz_handle(const struct call *call);

#endif
