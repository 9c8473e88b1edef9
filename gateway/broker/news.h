/* news.h - sends a front notices of the sessions, and notes which of them it has sent.
 *
 * A front gets one notice of each session when it connects, and then one after each change. Several
 * changes of a session within one turn of the loop make one notice. A notice waits in a flow that
 * leads: it is written before any frame that is put into another flow later. Knows the table of
 * sessions (leases.h), but no box and no run.
 */
#ifndef MAYFLY_NEWS_H
#define MAYFLY_NEWS_H

#include "broker/outlet.h"
#include "broker/pool/leases.h"

struct news {
    const struct leases *leases; /* borrowed */
    struct flow flow;
    uint64_t told;     /* serial number of the last change for which a notice was put */
    uint64_t all_told; /* serial number of the last change when no notice remained to be put */
    bool is_complete;  /* a notice of each session was put once */
};

void news_init(struct news *news, const struct leases *leases);
void news_release(struct news *news);

/* Put notices up to the limit of what may wait for the front. The others are put later. */
void news_put_some(struct news *news, struct outlet *outlet);
/* Put all notices, before a frame that must come after the latest of them. Puts only some if the
 * front has not got all sessions yet, or has megabytes of notices unread. */
void news_put_all(struct news *news, struct outlet *outlet);
/* Put the notice that there is no session of this id. Returns false if too much waits. */
bool news_put_unknown(struct news *news, struct outlet *outlet, uint64_t id);

#endif
