/* handover.h - receives the job and applies it to the warm interpreter.
 *
 * The job is one RUN frame (step 6 of protocol.h). Needs an initialised interpreter, and keeps its
 * lock (GIL) all the time.
 */
#ifndef MAYFLY_PYTHON_HANDOVER_H
#define MAYFLY_PYTHON_HANDOVER_H

#include <stdint.h>

#include "../protocol.h"

#define INTERPRETER "/usr/bin/python3"
#define INTERPRETER_NAME PROGRAM_NAME
#define SCRIPT_FOLDER "/box"
#define SCRIPT PROGRAM_SCRIPT

/* The kinds of program that this process can become. */
enum handover_kind { HANDOVER_SCRIPT, HANDOVER_CELL, HANDOVER_SESSION };

/* Wait for the job on fd, and set its args and environment in the interpreter. Sets *secret to the
 * farewell's secret. Keeps fd until handover_end. Does not return if the job needs a cold start
 * (the process executes INTERPRETER), if the other end is closed, or on failure. A session is never
 * started cold. */
enum handover_kind handover_take(int fd, uint64_t *secret);

/* Close fd. From now on the process is the program. */
void handover_end(void);

/* Report a failure, with the text of errno, and exit. Between handover_take and handover_end the
 * report goes to init, so that it does not appear in the program's output; otherwise to stderr. */
_Noreturn void handover_die(const char *what);
/* Report the pending Python exception in the same way, and exit. */
_Noreturn void handover_die_of_python(void);

#endif
