/* news.h - what a front knows of the sessions, and what it has yet to be told.
 *
 * A front hears of each session once when it connects, and then of each change; several changes of
 * a session in a turn are one notice. A notice waits in a flow that leads: it is written before any
 * frame that is put into another flow afterwards. Knows the table, but no box and no run.
 */
#ifndef MAYFLY_NEWS_H
#define MAYFLY_NEWS_H

#include "broker/outlet.h"
#include "broker/pool/leases.h"

struct news {
    const struct leases *leases; /* borrowed */
    struct flow flow;
    uint64_t told;     /* the serial number of the last change in it */
    uint64_t all_told; /* of the last change when all of them had been put */
    bool is_complete;  /* the front has heard of each session once */
};

void news_init(struct news *news, const struct leases *leases);
void news_release(struct news *news);

/* Put as many notices as may wait for the front; the others are put later. */
void news_put_some(struct news *news, struct outlet *outlet);
/* Put all notices, before a frame that belongs to the latest of them. The same as the above for a
 * front that has not heard of each session yet, or leaves megabytes of notices unread. */
void news_put_all(struct news *news, struct outlet *outlet);
/* Put the notice that there is no session of this id. Returns false if too much waits. */
bool news_put_unknown(struct news *news, struct outlet *outlet, uint64_t id);

#endif
