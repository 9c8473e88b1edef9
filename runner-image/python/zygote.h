/* zygote.h - the zygote's side: forks a process for each job of its box, and runs no job itself.
 *
 * A program runs beside the zygote as the same user. So the zygote is not dumpable: no program can
 * read its memory, trace it, or open its descriptors. A filter of system calls keeps programs from
 * changing its limits, priority and CPUs, and from sending signals to its pid. It shares no
 * descriptors with programs, and no writable memory.
 *
 * protocol.h has the orders. Needs an initialised interpreter with one thread, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_ZYGOTE_H
#define MAYFLY_PYTHON_ZYGOTE_H

#include <stdbool.h>

/* Obey init's orders on fd. Returns true in each process that it forks. Such a process has its own
 * streams and control socket, and must report "warm" next. Returns false if a RUN frame comes
 * instead, which is left unread: this process itself must then become the program. Does not return
 * when init has ended, or on failure. */
bool zygote_serve(int fd);

#endif
