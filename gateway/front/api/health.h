/* health.h - GET /health, /livez and /readyz: would a run work, does the process live, should it
 * get traffic. */
#ifndef MAYFLY_HEALTH_H
#define MAYFLY_HEALTH_H

#include "front/api/call.h"

/* Would a run that is sent now work? When not, why in err. */
bool health_would_run(const struct service *service, struct error *err);

/* 200 {"status":"healthy"}, or 503 {"status":"unhealthy","reason":"..."}: would a run that is sent
 * now work? */
void health_handle(const struct call *call);
/* 200 {"status":"alive"}, always. */
void livez_handle(const struct call *call);
/* As health, in other words: {"status":"ready"}, or {"status":"unready","reason":"..."}. */
void readyz_handle(const struct call *call);

#endif
