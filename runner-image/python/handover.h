/* handover.h - how the warm interpreter learns what it is to run.
 *
 * The job comes as one RUN frame (step 3 of protocol.h). Needs an initialised interpreter, and
 * holds its lock throughout.
 */
#ifndef MAYFLY_PYTHON_HANDOVER_H
#define MAYFLY_PYTHON_HANDOVER_H

#include <stdint.h>

#define INTERPRETER "/usr/bin/python3"
#define INTERPRETER_NAME "python3"
#define SCRIPT "/box/main.py"

/* Wait for the job on fd, and give the interpreter the job's args and environment; *secret is for
 * the farewell. Keeps fd, for failures, until handover_end. Does not return when the job needs a
 * cold start (then the process has become INTERPRETER), when the other end closes, and when
 * anything fails. */
void handover_take(int fd, uint64_t *secret);

/* The program begins with the next step: close fd. */
void handover_end(void);

/* Tell init what failed, with errno's reason, and end the process. */
_Noreturn void handover_die(const char *what);
/* Tell init of the pending exception and end the process. */
_Noreturn void handover_die_of_python(void);

#endif
