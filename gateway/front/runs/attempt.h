/* attempt.h - one test in progress: its run, an execution that nobody else sees, and then the
 * judging of its results.
 *
 *   IDLE -> RUNNING -> JUDGING -> on_judged
 *              \-- on_refused: it has not run
 *
 * Long output is judged in parts, which take turns with those of other tests. Knows nothing of the
 * other tests.
 */
#ifndef MAYFLY_ATTEMPT_H
#define MAYFLY_ATTEMPT_H

#include "front/runs/execution.h"
#include "front/runs/judge.h"

/* The attempts whose output is being judged. To initialise: zero it, then set reactor.
 */
struct judging {
    struct reactor *reactor;
    struct task task; /* on while there are any */
    struct list attempts;
};

struct attempt;

/* Each is the last act of its caller; the attempt is IDLE in the last two. */
struct attempt_events {
    void (*on_said)(struct attempt *attempt, const struct transcript *run); /* it runs */
    void (*on_refused)(struct attempt *attempt, const struct error *why, uint32_t retry_ms);
    void (*on_judged)(struct attempt *attempt); /* `run` and `judge` are its result */
};

enum attempt_state { ATTEMPT_IDLE, ATTEMPT_RUNNING, ATTEMPT_JUDGING };

/* Embedded in its owner. */
struct attempt {
    struct listener listener; /* to its run; the first member */
    const struct attempt_events *events;
    void *owner;
    enum attempt_state state;
    struct transcript *run; /* it has ended; owned, until attempt_take */
    struct judge judge;
    /* private */
    struct judging *judging;
    const struct test_case *test;
    struct node node; /* JUDGING, on judging->attempts */
};

struct attempt_terms {
    struct executions *executions;
    const struct test_plan *plan; /* borrowed until it is judged */
    size_t index;
    const struct job *job; /* with the times of this test */
    enum output_encoding output_encoding;
};

void attempt_init(struct attempt *attempt, struct judging *judging,
                  const struct attempt_events *events, void *owner);
/* Release everything. No callback follows. */
void attempt_release(struct attempt *attempt);

/* IDLE -> RUNNING. Fails as execution_begin does; the claim is then untouched. */
bool attempt_begin(struct attempt *attempt, const struct attempt_terms *terms, struct claim *claim,
                   struct error *err);
/* -> IDLE, in silence. A run that has had a box is in `run` then: it was canceled, or not yet
 * judged. Returns whether there is one. */
bool attempt_cancel(struct attempt *attempt);
/* Returns the run, owned by the caller. */
struct transcript *attempt_take(struct attempt *attempt);

#endif
