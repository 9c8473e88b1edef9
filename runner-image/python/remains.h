/* remains.h - what the program leaves behind, and whether anybody could see it being destroyed.
 *
 * At its end an interpreter destroys what is left, object by object. That shows only where code
 * runs on such an occasion: a __del__, a generator's finally, a weak reference's callback, a file
 * that flushes, a warning that something was not closed. What most programs leave are functions,
 * classes, containers and plain instances, whose destruction nobody can see: then everything that
 * comes of the program is known before it happens.
 *
 * The warm objects are frozen (warmth.h), so what the collector knows besides is the program's, and
 * it knows everything that could refer to an object with such code: the class that has the code is
 * one of them. It is looked through by CPython's own lists (pycore_gc.h), as 3.11 to 3.13 have
 * them. When in doubt, the answer is no.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_REMAINS_H
#define MAYFLY_PYTHON_REMAINS_H

#include <stdbool.h>

/* To be called once, when all that is warm is imported and before it is frozen: objects that the
 * collector knows now do not count. False with a Python exception set. */
bool remains_expect(void);

/* The program's start. */
void remains_begin(void);

/* At the program's end, when no code of its own will run any more but such as this is about. */
bool remains_are_silent(void);

/* Keep no warm class alive any longer. remains_are_silent may not be called after that. */
void remains_let_go(void);

#endif
