/* health.h - GET /health, /livez and /readyz: would a run work, is the process alive, should it get
 * traffic? */
#ifndef MAYFLY_HEALTH_H
#define MAYFLY_HEALTH_H

#include "front/api/call.h"

/* Would a run that is sent now work? If not, err says why. */
bool health_would_run(const struct service *service, struct error *err);

/* 200 {"status":"healthy"}, or 503 {"status":"unhealthy","reason":"..."}: would a run that is sent
 * now work? */
void health_handle(const struct call *call);
/* 200 {"status":"alive"}, always. */
void livez_handle(const struct call *call);
/* The same as health in other words: {"status":"ready"}, or {"status":"unready","reason":"..."}. */
void readyz_handle(const struct call *call);

#endif
