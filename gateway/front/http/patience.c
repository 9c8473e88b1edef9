#include "front/http/patience.h"

#include "common/clock.h"

static uint64_t waited_ms(const struct patience *patience, uint64_t now_ms)
{
    return patience->waited_ms + (patience->is_waiting ? now_ms - patience->since_ms : 0);
}

void patience_begin(struct patience *patience, uint64_t now_ms)
{
    patience_end(patience, now_ms);
    patience->is_waiting = true;
    patience->since_ms = now_ms;
}

void patience_end(struct patience *patience, uint64_t now_ms)
{
    patience->waited_ms = waited_ms(patience, now_ms);
    patience->is_waiting = false;
}

uint64_t patience_left_ms(const struct patience *patience, uint64_t now_ms)
{
    uint64_t earned_ms = patience->read_bytes * MS_PER_S / PATIENCE_LEAST_RATE;
    uint64_t may_ms = patience->timeout_ms + earned_ms;
    uint64_t has_ms = waited_ms(patience, now_ms);
    return has_ms < may_ms ? may_ms - has_ms : 0;
}

uint64_t patience_slow_ms(const struct patience *patience, uint64_t now_ms)
{
    uint64_t has_ms = waited_ms(patience, now_ms);
    bool is_quick = has_ms < PATIENCE_SLOW_FROM_MS ||
                    patience->read_bytes * MS_PER_S / has_ms >= PATIENCE_QUICK_RATE;
    return is_quick ? 0 : has_ms;
}
