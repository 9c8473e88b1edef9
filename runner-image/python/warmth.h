/* warmth.h - modules imported ahead of the program, and how they are taken apart when it ends.
 *
 * An interpreter ends with full garbage collections and by emptying every module: with a hundred
 * modules more than the program asked for, 8 ms of every run. So the warm ones are frozen out of
 * the collector, and one more reference is held to what they contain, so that emptying them
 * frees nothing. Invisible to a program that leaves them alone. One that has stored objects of
 * its own in them (a patched function, a registered class) would find those never finalised,
 * though. So the contents are watched, and a program that has changed any is ended the slow way,
 * as it would have been without us.
 *
 * With packages of an image's own (additions.h) there are more than a thousand warm modules. Most
 * programs change something in one of them, and the slow way takes most of a second: so there
 * nothing is watched, and what the program has stored in a warm module ends with the process.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_WARMTH_H
#define MAYFLY_PYTHON_WARMTH_H

#include <stdbool.h>

/* Import the common modules, and hold them. False with a Python exception set. */
bool warmth_gather(void);

/* Freeze what there is out of the collector: the last step before the program's. False with a
 * Python exception set. */
bool warmth_freeze(void);

/* The program's start: changes count from here. silent_end is called while the interpreter ends,
 * when all is written and nothing that anybody could see (remains.h) is still to come; there may
 * be a millisecond of housekeeping. False with a Python exception set. */
bool warmth_watch(void (*silent_end)(void));

/* The interpreter's last act: what destructors printed. Its streams would be flushed by their own
 * destructors, but the packages' functions hold them. */
void warmth_flush(void);

/* While the interpreter ends: whether it found nothing of the program's left that could still
 * change what comes of it: no thread, no exit handler, and streams that were flushed. */
bool warmth_ends_quietly(void);

#endif
