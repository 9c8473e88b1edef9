/* portion.h - the part of a long answer that its reader has in hand: the text that is being sent.
 *
 * However long the answer, a reader holds one portion, and all portions together are within a
 * budget (service->portions). A reader for whom there is no room waits, without one, until others
 * have taken theirs; slow ones give way.
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

/* Begin with none, for an exchange whose answer has not begun. The memory is charged to the key
 * that was noted of the exchange. Borrows both until portion_release. A portion has max_bytes at
 * most. Returns false when memory is out; then there is nothing to release. */
bool portion_init(struct portion *portion, struct service *service, struct exchange *exchange,
                  size_t max_bytes);
void portion_release(struct portion *portion);

/* Make place for the next text, and forget the last one. False: there is no room now. The exchange,
 * whose source then says SOURCE_WAIT, is woken to try again. */
bool portion_open(struct portion *portion);
/* The text has been written. */
void portion_close(struct portion *portion);

#endif
