/* scrape.h - GET /metrics: the front's metrics and the last ones that the broker sent, as text. It
 * waits for nothing. */
#ifndef MAYFLY_SCRAPE_H
#define MAYFLY_SCRAPE_H

#include "front/api/call.h"

void scrape_handle(const struct call *call);

#endif
