/* handover.h - gives the job to the warm interpreter.
 *
 * The job comes as one RUN frame (step 6 of protocol.h). Needs an initialised interpreter, and
 * holds its lock throughout.
 */
#ifndef MAYFLY_PYTHON_HANDOVER_H
#define MAYFLY_PYTHON_HANDOVER_H

#include <stdint.h>

#include "../protocol.h"

#define INTERPRETER "/usr/bin/python3"
#define INTERPRETER_NAME PROGRAM_NAME
#define SCRIPT_FOLDER "/box"
#define SCRIPT PROGRAM_SCRIPT

/* The kinds of programs that this process may become. */
enum handover_kind { HANDOVER_SCRIPT, HANDOVER_CELL, HANDOVER_SESSION };

/* Wait for the job on fd, and set the job's args and environment in the interpreter. *secret is for
 * the farewell. A session's interpreter is never a cold start. Keeps fd until handover_end. Does
 * not return when the job needs a cold start (the process then becomes INTERPRETER), when the other
 * end closes, or on failure. */
enum handover_kind handover_take(int fd, uint64_t *secret);

/* Close fd, when the program begins. */
void handover_end(void);

/* Report a failure, with errno's reason, and end the process. Between handover_take and
 * handover_end it reports to init, and the program's output stays empty; otherwise to stderr. */
_Noreturn void handover_die(const char *what);
/* Do the same for the pending exception. */
_Noreturn void handover_die_of_python(void);

#endif
