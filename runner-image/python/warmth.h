/* warmth.h - makes the end of a program cheap although many modules were imported before it.
 *
 * An interpreter ends with full garbage collections, and empties every module. With a hundred
 * modules that the program does not use, this would cost 8 ms of every run. So the warm modules are
 * hidden from the collector (gc.freeze), and an extra reference keeps their content alive when they
 * are emptied.
 *
 * A program that does not change these modules cannot notice. But objects that it stores in them (a
 * patched function, a registered class) would never be finalised. So changes are watched. If the
 * program has changed a warm module, the extra references and the freezing are undone, and the
 * interpreter ends the slow way.
 *
 * In an image with packages of its own (additions.h), more than a thousand modules are warm. Most
 * programs change one of them, and the slow way takes most of a second. So nothing is watched
 * there: objects that a program has stored in a warm module are not finalised.
 *
 * Needs an initialised interpreter, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_WARMTH_H
#define MAYFLY_PYTHON_WARMTH_H

#include <stdbool.h>

/* Hold the imported modules. No-op if threading is not imported, because then only few modules are.
 * Returns false with a Python exception set. */
bool warmth_gather(void);

/* Hide all existing objects from the collector, if modules are held, and enable it. This is the
 * last step before the job. Returns false with a Python exception set. */
bool warmth_freeze(void);

/* Watch for changes from now on, when the program starts. silent_end is called while the
 * interpreter ends, once all output is written and nothing observable can happen any more
 * (remains.h). Up to a millisecond of cleanup follows. Returns false with a Python exception
 * set. */
bool warmth_watch(void (*silent_end)(void));

/* Call right before the interpreter ends. */
void warmth_end(void);

/* Flush stdout and stderr, after the last destructor has run. Normally the streams' own destructors
 * do so, but functions of packages keep the streams alive. */
void warmth_flush(void);

/* Call while the interpreter ends. Returns true if the program cannot change its result any more:
 * it has no other thread and no exit handler, and its streams are flushed. */
bool warmth_ends_quietly(void);

#endif
