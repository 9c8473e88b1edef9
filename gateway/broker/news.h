/* news.h - sends notices of the sessions to one front, and remembers which changes it has sent.
 *
 * A front gets one notice of each session when it connects, and then one after each change. If a
 * session changes several times within one turn of the loop, the front gets one notice. Notices
 * wait in a flow (outlet.h) with `leads` set: a notice is written before any frame that is put into
 * another flow later. Knows the table of sessions (leases.h), but no box and no run.
 */
#ifndef MAYFLY_NEWS_H
#define MAYFLY_NEWS_H

#include "broker/outlet.h"
#include "broker/pool/leases.h"

struct news {
    const struct leases *leases; /* borrowed */
    struct flow flow;
    uint64_t told; /* serial number of the latest change whose notice was put into the flow */
    /* serial number of the latest change when last the notices of all changes were put */
    uint64_t all_told;
    /* the notices of all sessions, and the end of this first list, were put once */
    bool is_complete;
};

void news_init(struct news *news, const struct leases *leases);
void news_release(struct news *news);

/* Put notices until the limit of bytes that may wait for the front is reached. The others are put
 * later. */
void news_put_some(struct news *news, struct outlet *outlet);
/* Put all notices. Call this before putting a frame that the front must get after them. Puts only
 * some if the first list of sessions is not complete yet, or if the front has megabytes of unread
 * notices. */
void news_put_all(struct news *news, struct outlet *outlet);
/* Put a notice that there is no session with this id. Returns false if there is no space for it. */
bool news_put_unknown(struct news *news, struct outlet *outlet, uint64_t id);

#endif
