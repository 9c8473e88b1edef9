/* remains.h - decides whether destroying the program's remaining objects could have any effect.
 *
 * When an interpreter ends, it destroys the remaining objects one by one. That has an effect only
 * if code runs: a __del__, a generator's finally, the callback of a weak reference, a file that is
 * flushed, a warning about an unclosed resource. Most programs leave only functions, classes,
 * containers and plain instances, and destroying these has no effect. Then the program's result is
 * final before the destruction, and can be reported before it.
 *
 * The warm objects are frozen (warmth.h), so all objects that the collector still tracks are the
 * program's. If an object had such code, so would its class, which is tracked as well. This file
 * walks CPython's internal lists (pycore_gc.h), as in 3.11 to 3.13. When in doubt, the answer is
 * no.
 *
 * Needs an initialised interpreter, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_REMAINS_H
#define MAYFLY_PYTHON_REMAINS_H

#include <stdbool.h>

/* Call once, after all warm modules are imported and before they are frozen. Objects that exist by
 * then are not examined later. Returns false with a Python exception set. */
bool remains_expect(void);

/* Call at the program's start. */
void remains_begin(void);

/* Returns true if destroying the remaining objects has no effect. Call at the program's end, when
 * no other code of the program can run. */
bool remains_are_silent(void);

/* Release the warm classes. remains_are_silent must not be called any more. */
void remains_let_go(void);

#endif
