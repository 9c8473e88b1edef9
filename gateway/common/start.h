/* start.h - how a run got its box.
 *
 * A box that serves several runs (MAYFLY_BOX_RUNS) serves all but its first one as "reused". Pure.
 */
#ifndef MAYFLY_START_H
#define MAYFLY_START_H

enum start {
    START_COLD,   /* its box was made for it, or the warm interpreter could not serve it */
    START_WARM,   /* a fresh box was ready */
    START_REUSED, /* its box has served earlier runs of the same owner */
    STARTS_COUNT, /* no start: their number */
};

static inline const char *start_name(enum start start) /* "cold", "warm", "reused" */
{
    static const char *const names[STARTS_COUNT] = {"cold", "warm", "reused"};
    return names[start];
}

/* Returns the start of a run whose box has reported that its warm interpreter could not serve the
 * job. */
static inline enum start start_without_template(enum start start)
{
    return start == START_WARM ? START_COLD : start;
}

#endif
