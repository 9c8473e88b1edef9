/* portion.h - the text of a long answer that is being sent now.
 *
 * However long the answer is, a reader holds one portion, and all portions together stay within a
 * budget (service->portions). If there is no room, a reader waits without a portion until others
 * have read theirs; slow readers are evicted.
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
    struct stake stake; /* of `text` */
    struct timer retry; /* on while there is no room */
};

/* Begin without text, for an exchange whose answer has not begun. The memory counts for the key
 * that was noted of the exchange. Borrows service and exchange until portion_release. A portion has
 * at most max_bytes. Returns false when memory is out; then there is nothing to release. */
bool portion_init(struct portion *portion, struct service *service, struct exchange *exchange,
                  size_t max_bytes);
void portion_release(struct portion *portion);

/* Make room for the next text, and forget the last one. Returns false when there is no room now:
 * the source must then return SOURCE_WAIT, and the exchange is woken to try again. */
bool portion_open(struct portion *portion);
/* The text has been written. */
void portion_close(struct portion *portion);

#endif
