#include "front/http/exchange_body.h"

#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "front/http/connection.h"
#include "front/http/exchange_private.h"

/* How long requests may be worked on in one turn. The rest waits for a later turn. */
#define HANDLING_NS NS_PER_MS
#define DROP_FROM_BYTES ((size_t)64 << 10) /* freeing less is not worth the system call */

struct bytes exchange_body(const struct exchange *exchange)
{
    return bytes_of(exchange->req->entity.base, exchange->req->entity.len);
}

void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg)
{
    exchange->on_evicted = on_evicted;
    exchange->evicted_arg = arg;
}

bool exchange_keeps_body(const struct exchange *exchange)
{
    return exchange->on_evicted != NULL;
}

/* h2o keeps head and body in one buffer until it frees the request. So only the pages of the body
 * are given back; reading them later would yield zeros. */
void exchange_drop_body(struct exchange *exchange)
{
    struct bytes body = exchange_body(exchange);
    exchange->on_evicted = NULL;
    if (body.len < DROP_FROM_BYTES || exchange->connection->dropped_bytes > 0)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (uintptr_t)body.data % page) % page;
    size_t len = (body.len - before) / page * page;
    if (madvise((void *)(body.data + before), len, MADV_DONTNEED) == 0)
        connection_note_dropped(exchange->connection, len);
}

void exchange_evict_body(struct exchange *exchange)
{
    void (*on_evicted)(void *arg) = exchange->on_evicted;
    exchange_drop_body(exchange);
    if (on_evicted)
        on_evicted(exchange->evicted_arg);
}

bool exchange_has_time(const struct exchange *exchange)
{
    return clock_now_ns() - exchange->http->busy_since_ns < HANDLING_NS;
}
