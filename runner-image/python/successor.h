/* successor.h - the process that waits for the job is a child of the one that has warmed up.
 *
 * What a process has used is counted from its fork: a program that is the child begins with its
 * CPU clocks, its resource usage and its children's at about zero, and not with the seconds of the
 * imports. The child is made before the job is there, and has by then every page that its parent
 * had: nothing is left to copy or to map when the program runs.
 *
 * The parent ends. Init, PID 1, has the child from then on, and learns its pid with the byte that
 * says "warm" (protocol.h).
 *
 * Needs an initialised interpreter with one thread, and its lock.
 */
#ifndef MAYFLY_PYTHON_SUCCESSOR_H
#define MAYFLY_PYTHON_SUCCESSOR_H

#include <stdbool.h>

/* Fork, and end; returns in the child, as the leader of a session of its own, when the parent's
 * memory is gone. False with a Python exception set: there is no child then, or the child's
 * interpreter is not whole. */
bool successor_begin(void);

#endif
