/* warmup.h - imports modules that programs often use, step by step, until a job comes.
 *
 * A step imports one standard module, in the order of popularity, or runs one step of the image's
 * additions (additions.h). Between two steps it checks whether init has called. A standard module
 * takes a millisecond or two. A step of the additions may take most of a second, so a child runs it
 * and then takes this process's place. If init calls meanwhile, the child is killed, and the
 * process continues as it was before the step.
 *
 * The warm-up must not take CPU time from running programs. The template cannot lower its priority
 * for this: an unprivileged process cannot raise its priority again, and the program would inherit
 * the low one. So a step that had to wait for its core is followed by a pause.
 *
 * Needs an initialised interpreter with one thread, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_WARMUP_H
#define MAYFLY_PYTHON_WARMUP_H

#include <stdbool.h>

/* Tests set this variable in the box: the warm-up stops after this many steps and waits. It is
 * removed from the environment. Clients cannot set the variables with which a box starts. */
#define WARMUP_STEPS_VARIABLE "MAYFLY_WARMUP_STEPS"

/* Call this before the interpreter is initialised, because its initialisation copies the
 * environment. */
void warmup_configure(void);

/* Run steps until all are done or init calls. May return in a child whose parent has ended. Leaves
 * the collector disabled. Returns false with a Python exception set. */
bool warmup_run(void);

/* Returns true if the warm-up ended because init called: a job is waiting. */
bool warmup_was_called(void);

/* Returns the finished part of the warm-up, in percent. */
unsigned warmup_percent(void);

/* Returns true if no step was run. */
bool warmup_is_untouched(void);

#endif
