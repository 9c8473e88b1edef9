/* warmth.h - the modules imported before the program starts, and their teardown when it ends.
 *
 * An interpreter ends with full garbage collections and by emptying every module. With a hundred
 * unused modules that costs 8 ms of every run. So the warm modules are frozen out of the collector.
 * One more reference is held to their contents, so that emptying them frees nothing.
 *
 * A program that leaves them alone does not notice. But objects that a program has stored in them
 * (a patched function, a registered class) would never be finalised. So the contents are watched. A
 * program that has changed any is ended the slow way, as in a plain interpreter.
 *
 * With packages of an image's own (additions.h) there are more than a thousand warm modules. Most
 * programs change one of them, and the slow way takes most of a second. So nothing is watched
 * there, and objects stored in a warm module end with the process.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_WARMTH_H
#define MAYFLY_PYTHON_WARMTH_H

#include <stdbool.h>

/* Hold the imported modules. No-op when so few are imported that threading is not among them.
 * Returns false with a Python exception set. */
bool warmth_gather(void);

/* Freeze all objects out of the collector, if they are held, and enable it: the last step before
 * the program's. Returns false with a Python exception set. */
bool warmth_freeze(void);

/* Count changes from here, the program's start. The interpreter calls silent_end while it ends,
 * once everything is written and nothing observable remains (remains.h). A millisecond of cleanup
 * may follow. Returns false with a Python exception set. */
bool warmth_watch(void (*silent_end)(void));

/* Call right before the interpreter ends. */
void warmth_end(void);

/* Flush the output of destructors, as the interpreter's last act. The streams' own destructors
 * would do so, but the packages' functions hold the streams. */
void warmth_flush(void);

/* Call while the interpreter ends. Returns true if the program can no longer change the result: it
 * has no thread and no exit handler, and its streams are flushed. */
bool warmth_ends_quietly(void);

#endif
