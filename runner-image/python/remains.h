/* remains.h - decides whether the destruction of the program's remaining objects could have
 * effects.
 *
 * At its end an interpreter destroys the remaining objects one by one. That has effects only where
 * code runs: a __del__, a generator's finally, a weak reference's callback, a file that flushes, a
 * warning about an unclosed resource. Most programs leave functions, classes, containers and plain
 * instances, whose destruction has none. Then everything about the program's end is known before it
 * happens.
 *
 * The warm objects are frozen (warmth.h), so all others that the collector knows are the program's.
 * Every object that could refer to one with such code is among them, because the class with that
 * code is, too. This file walks CPython's own lists (pycore_gc.h), as 3.11 to 3.13 have them. When
 * in doubt, the answer is no.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_REMAINS_H
#define MAYFLY_PYTHON_REMAINS_H

#include <stdbool.h>

/* Call once, when all warm modules are imported and before they are frozen: objects that the
 * collector knows by then do not count. Returns false with a Python exception set. */
bool remains_expect(void);

/* Call at the program's start. */
void remains_begin(void);

/* Returns true if the destruction has no effects. Call at the program's end, when only destructors
 * may still run code of its own. */
bool remains_are_silent(void);

/* Release the warm classes. Afterwards, do not call remains_are_silent. */
void remains_let_go(void);

#endif
