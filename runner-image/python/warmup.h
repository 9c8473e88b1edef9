/* warmup.h - imports what programs use, a step at a time, while no job waits.
 *
 * A step imports one standard module, in the order of how often programs import them, or does one
 * of the additions' steps (additions.h). Between two steps it checks for a call of init. A
 * standard module takes a millisecond or two. A step of the additions may take most of a second, so
 * a child does it, and then takes this process's place. A call in the middle ends that child
 * instead, and the process continues as it was before the step.
 *
 * The warm-up must not cost running programs CPU time. An unprivileged process cannot get back a
 * priority that it has given up, and the program would have it. So a step that had to share its
 * core is followed by a pause.
 *
 * Needs an initialised interpreter with one thread, and its lock.
 */
#ifndef MAYFLY_PYTHON_WARMUP_H
#define MAYFLY_PYTHON_WARMUP_H

#include <stdbool.h>

/* A test sets this variable of the box to a number of steps: the warm-up stops there, and waits. It
 * is removed from the environment. Clients cannot set variables of a box that starts. */
#define WARMUP_STEPS_VARIABLE "MAYFLY_WARMUP_STEPS"

/* Call before the interpreter starts, which copies the environment. */
void warmup_configure(void);

/* Do steps until all are done, or init calls. Returns false with a Python exception set. May return
 * in a child, whose parent has ended. The collector is disabled afterwards. */
bool warmup_run(void);

/* Returns true if init's call has ended the warm-up: its job is waiting. */
bool warmup_was_called(void);

/* Returns how much of the steps' work is done, in percent. */
unsigned warmup_percent(void);

/* Returns true if no step was done: the interpreter is as it was at its start. */
bool warmup_is_untouched(void);

#endif
