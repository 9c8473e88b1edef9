/* zygote.h - the template that stays: it forks a process for each job of its box, and runs no job
 * itself.
 *
 * A program has the same user as the zygote, and lives beside it. So the zygote is not dumpable,
 * and no program can read it, trace it or open its descriptors. A filter of system calls keeps its
 * programs from changing its limits, priority and CPUs, and from sending it signals by its number.
 * It shares no descriptor with a program, and no memory that either can write.
 *
 * protocol.h has the orders. Needs an initialised interpreter with one thread, and its lock.
 */
#ifndef MAYFLY_PYTHON_ZYGOTE_H
#define MAYFLY_PYTHON_ZYGOTE_H

#include <stdbool.h>

/* Follow init's orders on fd. Returns false when a RUN frame comes instead, which is not read: this
 * process is to become the program. Returns true in each process that was forked, with its own
 * streams and control socket: it has to say that it is warm. Does not return when init has ended,
 * or on failure. */
bool zygote_serve(int fd);

#endif
