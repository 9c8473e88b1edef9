/* exchange_body.h - the body of a request, and the time for which it stays in memory. */
#ifndef MAYFLY_EXCHANGE_BODY_H
#define MAYFLY_EXCHANGE_BODY_H

#include "common/buf.h"

struct exchange;

/* Returns the body. Valid until the handler returns, or longer after exchange_keep_body. */
struct bytes exchange_body(const struct exchange *exchange);

/* Keep the body after the handler has returned, until exchange_drop_body or the answer. on_evicted
 * is called if another request needs the memory and the owner of this one holds the most
 * (ledger.h). It must answer the exchange before it returns; on_gone is then not called. */
void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg);
/* Free the memory of the body. */
void exchange_drop_body(struct exchange *exchange);
bool exchange_keeps_body(const struct exchange *exchange);

/* Call on_evicted, because another request needs the memory. Only for connection.c.
 */
void exchange_evict_body(struct exchange *exchange);

/* Returns true if there is time left in this turn for work that delays other clients. */
bool exchange_has_time(const struct exchange *exchange);

#endif
