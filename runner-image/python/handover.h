/* handover.h - how the warm interpreter learns what it is to run.
 *
 * The job comes as one RUN frame (step 4 of protocol.h). Needs an initialised interpreter, and
 * holds its lock throughout.
 */
#ifndef MAYFLY_PYTHON_HANDOVER_H
#define MAYFLY_PYTHON_HANDOVER_H

#include <stdint.h>

#define INTERPRETER "/usr/bin/python3"
#define INTERPRETER_NAME "python3"
#define SCRIPT_FOLDER "/box"
#define SCRIPT SCRIPT_FOLDER "/main.py"

/* Wait for the job on fd, and give the interpreter the job's args and environment; *secret is for
 * the farewell. Keeps fd until handover_end. Does not return when the job needs a cold start (then
 * the process has become INTERPRETER), when the other end closes, and when anything fails. */
void handover_take(int fd, uint64_t *secret);

/* Close fd: the program begins. */
void handover_end(void);

/* Say what failed, with errno's reason, and end the process. Between handover_take and
 * handover_end init is told, and nothing stands in the program's output; else stderr is. */
_Noreturn void handover_die(const char *what);
/* The same, of the pending exception. */
_Noreturn void handover_die_of_python(void);

#endif
