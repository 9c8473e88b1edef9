/* span.h - the time limit of all tests of a submission together. The time begins with the first
 * test's box. Pure except for the clock. */
#ifndef MAYFLY_SPAN_H
#define MAYFLY_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* A zeroed span has not begun, and has no end yet. */
struct span {
    bool has_begun;
    uint64_t begun_ns, end_ms;
};

/* Begin the span; call it once. */
void span_begin(struct span *span, uint32_t total_ms);
bool span_is_over(const struct span *span);
/* Returns `ms`, or the rest of the span if that is shorter; never 0. */
uint32_t span_limit_ms(const struct span *span, uint32_t ms);
/* Returns true if the span ends before that time. */
bool span_ends_before(const struct span *span, uint64_t at_ms);

#endif
