/* span.h - the time that all tests of a submission have together, from the first box on. Pure but
 * for the clock. */
#ifndef MAYFLY_SPAN_H
#define MAYFLY_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* A zeroed span has not begun: it has no end yet. */
struct span {
    bool has_begun;
    uint64_t begun_ns, end_ms;
};

/* It has not begun yet. */
void span_begin(struct span *span, uint32_t total_ms);
bool span_is_over(const struct span *span);
/* Returns `ms`, or what is left of the span if that is less, but never 0. */
uint32_t span_limit_ms(const struct span *span, uint32_t ms);
/* Does the span end before that moment? */
bool span_ends_before(const struct span *span, uint64_t at_ms);

#endif
