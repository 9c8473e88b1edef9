/* scrape.h - GET /metrics: the front's numbers and the broker's last, as text. Asks nobody. */
#ifndef MAYFLY_SCRAPE_H
#define MAYFLY_SCRAPE_H

#include "front/api/routes.h"

void scrape_handle(struct service *service, struct exchange *exchange);

#endif
