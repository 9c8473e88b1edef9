/* attempt.h - one test in progress: its run, and then the comparison of its results.
 *
 *   IDLE -> RUNNING -> JUDGING -> on_judged
 *              \-- on_refused: the program did not run
 *
 * The run is an execution that only the attempt listens to. Long output is compared part by part,
 * in turns with the output of other tests. Knows nothing of the other tests.
 */
#ifndef MAYFLY_ATTEMPT_H
#define MAYFLY_ATTEMPT_H

#include "front/runs/execution.h"
#include "front/runs/judge.h"

/* The attempts whose output is being compared. To initialise: zero it, then set reactor.
 */
struct judging {
    struct reactor *reactor;
    struct task task; /* on while there are attempts in the list */
    struct list attempts;
};

struct attempt;

/* A function that calls one of these callbacks does so as its last act. When on_refused or
 * on_judged is called, the attempt is already IDLE. */
struct attempt_events {
    /* the run has progressed */
    void (*on_said)(struct attempt *attempt, const struct transcript *run);
    void (*on_refused)(struct attempt *attempt, const struct error *why, uint32_t retry_ms);
    void (*on_judged)(struct attempt *attempt); /* the result is in `run` and `judge` */
};

enum attempt_state { ATTEMPT_IDLE, ATTEMPT_RUNNING, ATTEMPT_JUDGING };

/* Embedded in its owner. */
struct attempt {
    struct listener listener; /* listens to its run; must be the first member */
    const struct attempt_events *events;
    void *owner;
    enum attempt_state state;
    struct transcript *run; /* set after the run's end; owned until attempt_take */
    struct judge judge;
    /* private */
    struct judging *judging;
    const struct test_case *test;
    struct node node; /* on judging->attempts while JUDGING */
};

struct attempt_terms {
    struct executions *executions;
    const struct test_plan *plan; /* borrowed until the test was judged */
    size_t index;
    const struct job *job; /* with the timeouts of this test */
    enum output_encoding output_encoding;
};

void attempt_init(struct attempt *attempt, struct judging *judging,
                  const struct attempt_events *events, void *owner);
/* Free everything. No callback follows. */
void attempt_release(struct attempt *attempt);

/* Move from IDLE to RUNNING. Fails like execution_begin; the claim is then untouched. */
bool attempt_begin(struct attempt *attempt, const struct attempt_terms *terms, struct claim *claim,
                   struct error *err);
/* Move to IDLE, without a callback. If the run has had a box, returns true with its transcript in
 * `run`. The run is then canceled, or finished but not judged. Otherwise returns false. */
bool attempt_cancel(struct attempt *attempt);
/* Returns the transcript of the run, owned by the caller. */
struct transcript *attempt_take(struct attempt *attempt);

#endif
