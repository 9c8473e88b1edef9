/* successor.h - forks, so that a child becomes the program in this process's place.
 *
 * The kernel counts a process's usage from its fork. So the program begins with its CPU clocks, its
 * resource usage and its children's near zero, without the seconds of the imports. Where no job
 * waits yet, the child also gets every page of its parent, so that nothing is copied or mapped when
 * the program runs.
 *
 * A step of the warm-up that takes long is an attempt: a child does it, and its parent waits. When
 * the child is done, the parent ends. When the job comes first, the child ends, and the parent
 * continues.
 *
 * A parent that ends leaves its child to PID 1, which learns its pid with the byte that says "warm"
 * (protocol.h). The child waits for that end. So PID 1 can reap all its parents by then.
 *
 * Needs an initialised interpreter with one thread, and its lock.
 */
#ifndef MAYFLY_PYTHON_SUCCESSOR_H
#define MAYFLY_PYTHON_SUCCESSOR_H

#include <stdbool.h>

/* Fork; the parent ends. in_haste: the job waits, and pages are not mapped ahead. Returns in the
 * child, when its parent has ended. Returns false with a Python exception set. */
bool successor_begin(bool in_haste);

enum attempt {
    ATTEMPT_FAILED,     /* there is no child; a Python exception is set */
    ATTEMPT_IS_CHILD,   /* this is the child: do the step, and call successor_take_over */
    ATTEMPT_WAS_CALLED, /* init has called first (control.h), and the child is dead */
    ATTEMPT_HAS_DIED,   /* the child has ended without success */
};

/* Fork for a step. In the parent it returns only if the child does not take its place. heeds_calls
 * is false in tests: init's call then does not end the child. */
enum attempt successor_attempt(bool heeds_calls);

/* End the parent, and take its place. Returns false with a Python exception set. */
bool successor_take_over(void);

/* Give Python's main thread its new number, after a fork. Returns false with a Python exception
 * set. */
bool successor_rename_main_thread(void);

#endif
