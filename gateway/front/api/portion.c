#include "front/api/portion.h"

#include <stddef.h>

#include "common/clock.h"

#define RETRY_MS 10
#define IDLE_BYTES ((size_t)4 << 10) /* a larger buffer is freed when it is empty */

static struct portion *portion_of(const struct stake *stake)
{
    return (struct portion *)((char *)stake - offsetof(struct portion, stake));
}

static uint64_t waited_ms(const struct stake *stake)
{
    return exchange_slow_ms(portion_of(stake)->exchange);
}

static void on_give_way(struct stake *stake)
{
    exchange_evict(portion_of(stake)->exchange);
}

static void on_retry(void *arg)
{
    const struct portion *portion = arg;
    exchange_wake(portion->exchange);
}

bool portion_init(struct portion *portion, struct service *service, struct exchange *exchange,
                  size_t max_bytes)
{
    *portion = (struct portion){
        .reactor = service->reactor,
        .exchange = exchange,
        .stake = {.waited_ms = waited_ms, .on_give_way = on_give_way},
        .retry = {.on_due = on_retry, .arg = portion},
    };
    buf_init(&portion->text, max_bytes);
    return ledger_enter(&service->portions, &portion->stake, exchange_key(exchange));
}

void portion_release(struct portion *portion)
{
    timer_stop(&portion->reactor->timers, &portion->retry);
    ledger_leave(&portion->stake);
    buf_release(&portion->text);
}

bool portion_open(struct portion *portion)
{
    buf_truncate(&portion->text, 0);
    if (ledger_grow(&portion->stake, portion->text.max_bytes))
        return true;
    buf_release(&portion->text);
    portion_close(portion);
    timer_start(&portion->reactor->timers, &portion->retry, RETRY_MS);
    return false;
}

void portion_close(struct portion *portion)
{
    if (portion->text.len == 0 && portion->text.capacity > IDLE_BYTES)
        buf_release(&portion->text);
    ledger_note(&portion->stake, portion->text.capacity);
}
