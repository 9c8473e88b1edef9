#include "front/api/execute.h"

#include "front/api/intake.h"
#include "front/api/stream.h"
#include "front/api/waiter.h"
#include "front/http/accept.h"

void execute_handle(struct service *service, struct exchange *exchange)
{
    struct execution *execution = intake_take(service, exchange, false);
    if (!execution)
        return;
    if (accept_prefers_events(exchange_header(exchange, "accept")))
        stream_begin(service, execution, exchange, STREAM_CALL, (struct transcript_cursor){0});
    else
        waiter_begin(service, execution, exchange, WAITER_CALL, 0);
}
