#include "front/execute.h"

#include "front/accept.h"
#include "front/intake.h"
#include "front/stream.h"
#include "front/waiter.h"

static void on_begun(struct service *service, struct execution *execution,
                     struct exchange *exchange)
{
    if (accept_prefers_events(exchange_header(exchange, "accept")))
        stream_begin(service, execution, exchange, STREAM_CALL, (struct transcript_cursor){0});
    else
        waiter_begin(service, execution, exchange, WAITER_CALL, 0);
}

void execute_handle(struct service *service, struct exchange *exchange)
{
    intake_take(service, exchange, false, on_begun);
}
