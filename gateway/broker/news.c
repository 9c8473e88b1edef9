#include "broker/news.h"

#include "common/session.h"

/* No further notices are put while this many bytes wait. */
#define HIGH_BYTES ((size_t)256 << 10)
/* The cap of the flow. Ten thousand notices fit into it, because most have no record of their
 * session. */
#define MAX_BYTES ((size_t)4 << 20)

void news_init(struct news *news, const struct leases *leases)
{
    *news = (struct news){.leases = leases};
    flow_init(&news->flow, MAX_BYTES);
    news->flow.leads = true;
}

void news_release(struct news *news)
{
    flow_release(&news->flow);
}

static bool put(struct news *news, uint64_t id, const struct session_notice *notice)
{
    struct buf *out = &news->flow.out;
    size_t mark;
    return wire_begin(out, WIRE_SESSION, id, &mark) &&
           wire_finish(out, mark, session_notice_encode(out, notice));
}

/* The first notice of a session has its record. Until the first list is complete, we do not know
 * whether an earlier notice of this session was put. So the record may then be put again. */
static bool put_lease(struct news *news, const struct lease *lease)
{
    struct session_notice notice;
    lease_describe(lease, news->leases->config->executions_keep_ms, lease->opened > news->all_told,
                   &notice);
    if (!put(news, lease->id, &notice))
        return false;
    news->told = lease->changed;
    return true;
}

/* If memory is out, the remaining notices are put later. */
static void put_until(struct news *news, struct outlet *outlet, size_t most_bytes)
{
    const struct lease *lease = leases_next(news->leases, news->told);
    while (lease && news->flow.out.len < most_bytes && put_lease(news, lease))
        lease = leases_next(news->leases, news->told);
    if (!lease && !news->is_complete)
        news->is_complete = wire_append(&news->flow.out, WIRE_SESSION, 0, NULL, 0);
    if (!lease)
        news->told = news->all_told = news->leases->serial;
    outlet_add(outlet, &news->flow);
}

static bool has_any(const struct news *news)
{
    return !news->is_complete || news->told != news->leases->serial;
}

void news_put_some(struct news *news, struct outlet *outlet)
{
    if (has_any(news))
        put_until(news, outlet, HIGH_BYTES);
}

void news_put_all(struct news *news, struct outlet *outlet)
{
    if (has_any(news))
        put_until(news, outlet, news->is_complete ? MAX_BYTES : HIGH_BYTES);
}

bool news_put_unknown(struct news *news, struct outlet *outlet, uint64_t id)
{
    const struct session_notice unknown = {.state = SESSION_GONE};
    bool ok = put(news, id, &unknown);
    outlet_add(outlet, &news->flow);
    return ok;
}
