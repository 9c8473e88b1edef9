/* start.h - which kind of box a run got: made for the run, ready, or used before.
 *
 * Only boxes that may serve several runs (MAYFLY_BOX_RUNS) are used again. Pure.
 */
#ifndef MAYFLY_START_H
#define MAYFLY_START_H

enum start {
    /* no ready box served the run: its box was made for it, or had an interpreter that could not
     * serve it */
    START_COLD,
    START_WARM,   /* a fresh box was ready */
    START_REUSED, /* the box has served earlier runs of the same owner */
    STARTS_COUNT, /* the number of kinds */
};

static inline const char *start_name(enum start start) /* "cold", "warm", "reused" */
{
    static const char *const names[STARTS_COUNT] = {"cold", "warm", "reused"};
    return names[start];
}

/* Returns the kind of start after the box has reported that its warm interpreter could not serve
 * the job. */
static inline enum start start_without_template(enum start start)
{
    return start == START_WARM ? START_COLD : start;
}

#endif
