/* scrape.h - GET /metrics: the front's metrics, and those of the broker's last report, as text. It
 * never waits for the broker. */
#ifndef MAYFLY_SCRAPE_H
#define MAYFLY_SCRAPE_H

#include "front/api/call.h"

void scrape_handle(const struct call *call);

#endif
