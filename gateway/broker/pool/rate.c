#include "broker/pool/rate.h"

#include "common/clock.h"

#define RETRY_LEAST_MS 1000
#define RETRY_MOST_MS 60000

void rate_note(struct rate *rate, uint64_t now_ns)
{
    uint64_t interval_ns = now_ns - rate->last_ns;
    if (rate->last_ns)
        rate->interval_ns =
            rate->interval_ns ? (rate->interval_ns * 7 + interval_ns) / 8 : interval_ns;
    rate->last_ns = now_ns;
}

uint32_t rate_retry_ms(const struct rate *rate, uint32_t waiting_count)
{
    uint64_t wait_ms = rate->interval_ns * waiting_count / NS_PER_MS;
    if (wait_ms < RETRY_LEAST_MS)
        return RETRY_LEAST_MS;
    return wait_ms > RETRY_MOST_MS ? RETRY_MOST_MS : (uint32_t)wait_ms;
}
