/* exchange_body.h - the body of a request, and how long it is kept in memory. */
#ifndef MAYFLY_EXCHANGE_BODY_H
#define MAYFLY_EXCHANGE_BODY_H

#include "common/buf.h"

struct exchange;

/* Valid until the handler returns, or longer if the handler calls exchange_keep_body. */
struct bytes exchange_body(const struct exchange *exchange);

/* Keep the body beyond the handler's return, to be read in later turns, until exchange_drop_body or
 * the answer. on_evicted is called when another request needs the memory and this owner holds the
 * most (ledger.h). It must answer within the call; on_gone is not called then. */
void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg);
/* Release the memory of the body to the system. */
void exchange_drop_body(struct exchange *exchange);
bool exchange_keeps_body(const struct exchange *exchange);

/* Call on_evicted, because another request needs the memory of the body. For the connection only.
 */
void exchange_evict_body(struct exchange *exchange);

/* Is there time left in this turn for work that makes other clients wait? */
bool exchange_has_time(const struct exchange *exchange);

#endif
