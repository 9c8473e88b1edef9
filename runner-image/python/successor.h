/* successor.h - forks after the warm-up, so that a child waits for the job.
 *
 * The kernel counts a process's usage from its fork. So the program begins with its CPU clocks, its
 * resource usage and its children's near zero, without the seconds of the imports. The child is
 * made before the job arrives. By then it has every page of its parent, so that nothing is copied
 * or mapped when the program runs.
 *
 * The parent ends. Init, PID 1, then adopts the child, and learns its pid with the byte that says
 * "warm" (protocol.h).
 *
 * Needs an initialised interpreter with one thread, and its lock.
 */
#ifndef MAYFLY_PYTHON_SUCCESSOR_H
#define MAYFLY_PYTHON_SUCCESSOR_H

#include <stdbool.h>

/* Fork, and end the parent. Returns in the child, as the leader of a session of its own, once the
 * parent's memory is freed. Returns false with a Python exception set: there is no child then, or
 * its interpreter is incomplete. */
bool successor_begin(void);

/* Give Python's main thread its new number, after a fork. Returns false with a Python exception
 * set. */
bool successor_rename_main_thread(void);

#endif
