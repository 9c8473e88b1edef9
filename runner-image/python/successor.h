/* successor.h - replaces this process by a child that continues in its place.
 *
 * The kernel counts a process's resource usage from its fork. So the program starts with CPU clocks
 * near zero: the CPU time of the imports is not counted for it. If no job is waiting yet, the child
 * also maps all pages that its parent used, so that the program does not take these page faults.
 *
 * A long step of the warm-up is an attempt: a child runs it while the parent waits. When the child
 * has finished, the parent exits. If a job comes first, the child is killed, and the parent
 * continues as if the step had not begun.
 *
 * When a parent exits, PID 1 adopts the child. PID 1 learns the child's pid from the "warm" message
 * (protocol.h). The child waits for its parent's end first, so that PID 1 can reap all parents.
 *
 * Needs an initialised interpreter with one thread, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_SUCCESSOR_H
#define MAYFLY_PYTHON_SUCCESSOR_H

#include <stdbool.h>

/* Fork, and exit in the parent. in_haste: a job is waiting, so do not map pages ahead. Returns in
 * the child, after its parent has ended. Returns false with a Python exception set. */
bool successor_begin(bool in_haste);

enum attempt {
    ATTEMPT_FAILED,     /* there is no child; a Python exception is set */
    ATTEMPT_IS_CHILD,   /* this is the child: run the step, then call successor_take_over */
    ATTEMPT_WAS_CALLED, /* init has called first (control.h); the child was killed */
    ATTEMPT_HAS_DIED,   /* the child has ended without finishing the step */
};

/* Fork for a step. Returns in the child; in the parent only if the child does not replace it.
 * heeds_calls is false only in tests: init's call then does not stop the child. */
enum attempt successor_attempt(bool heeds_calls);

/* Let the parent exit, and continue in its place. Returns false with a Python exception set. */
bool successor_take_over(void);

/* After a fork, update the id that Python has stored of its main thread. Returns false with a
 * Python exception set. */
bool successor_rename_main_thread(void);

#endif
