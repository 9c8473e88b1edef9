#include "front/runs/span.h"

#include "common/clock.h"

void span_begin(struct span *span, uint32_t total_ms)
{
    *span = (struct span){
        .has_begun = true, .begun_ns = clock_now_ns(), .end_ms = clock_now_ms() + total_ms};
}

bool span_ends_before(const struct span *span, uint64_t at_ms)
{
    return span->has_begun && at_ms >= span->end_ms;
}

bool span_is_over(const struct span *span)
{
    return span_ends_before(span, clock_now_ms());
}

uint32_t span_limit_ms(const struct span *span, uint32_t ms)
{
    uint64_t now_ms = clock_now_ms();
    if (!span->has_begun || now_ms + ms <= span->end_ms)
        return ms;
    return span->end_ms > now_ms ? (uint32_t)(span->end_ms - now_ms) : 1;
}
