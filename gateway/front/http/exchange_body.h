/* exchange_body.h - the body of an exchange's request: how long it is kept in memory. */
#ifndef MAYFLY_EXCHANGE_BODY_H
#define MAYFLY_EXCHANGE_BODY_H

#include "common/buf.h"

struct exchange;

/* Lent until the handler returns; or longer, where the handler keeps it. */
struct bytes exchange_body(const struct exchange *exchange);

/* Keep the body after the handler's return, to be read in later turns: until exchange_drop_body or
 * the answer. on_evicted: its memory is needed for somebody else's request, and this owner holds
 * the most (ledger.h). Answer then, within the call; exchange_on_gone is not called. */
void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg);
/* The body is not needed any more: its memory goes back to the system. */
void exchange_drop_body(struct exchange *exchange);
bool exchange_keeps_body(const struct exchange *exchange);

/* Another request needs the memory of the body: whoever keeps it must answer. For the connection.
 */
void exchange_evict_body(struct exchange *exchange);

/* Has this turn time left for work that other clients would wait for? */
bool exchange_has_time(const struct exchange *exchange);

#endif
