/* portion.h - the part of a long answer that is being sent to a client now.
 *
 * A client uses memory for one portion only, however long its answer is. All portions together stay
 * within a budget (service->portions). When the budget is used up, slow readers are evicted, and a
 * client without a portion waits.
 */
#ifndef MAYFLY_PORTION_H
#define MAYFLY_PORTION_H

#include "common/buf.h"
#include "front/api/service.h"
#include "front/http/exchange.h"

struct portion {
    struct reactor *reactor;
    struct exchange *exchange;
    struct buf text;
    struct stake stake; /* for the memory of `text` */
    struct timer retry; /* started while there is no space */
};

/* Initialise an empty portion for an exchange. Its memory counts for the key that was noted for the
 * exchange. Borrows service and exchange until portion_release. A text has at most max_bytes.
 * Returns false when memory is out; then do not call portion_release. */
bool portion_init(struct portion *portion, struct service *service, struct exchange *exchange,
                  size_t max_bytes);
void portion_release(struct portion *portion);

/* Drop the last text and reserve space for the next. Returns false if there is no space now: the
 * source must then return SOURCE_WAIT, and the exchange is woken to try again. */
bool portion_open(struct portion *portion);
/* Call this when the text is complete: gives back the reserved space that it does not use. */
void portion_close(struct portion *portion);

#endif
