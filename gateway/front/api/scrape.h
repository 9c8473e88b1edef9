/* scrape.h - GET /metrics: the front's numbers and the broker's last, as text. It asks nobody. */
#ifndef MAYFLY_SCRAPE_H
#define MAYFLY_SCRAPE_H

#include "front/api/call.h"

void scrape_handle(const struct call *call);

#endif
