/* control.h - the messages between the template and init before the job.
 *
 * They talk on TEMPLATE_CONTROL_FD; protocol.h has the words. handover.h reads the job there.
 */
#ifndef MAYFLY_PYTHON_CONTROL_H
#define MAYFLY_PYTHON_CONTROL_H

#include <stdbool.h>

/* Say that the interpreter runs, and a job may come. Ends the process when it cannot. */
void control_say_ready(void);

/* Say that this process waits for the job. Report how much of the warm-up is done, in percent. Pass
 * the pipe for displays if the image has additions. Ends the process when it cannot. */
void control_say_warm(unsigned warmth);

/* Wait for init's call, at most timeout_ms; -1: for the life of the process. Returns true when the
 * job is about to come, or init has ended. Every later call then returns true, too. */
bool control_is_called(int timeout_ms);

/* Do the same without a timeout, but return as well when other_fd, which is borrowed, can be read
 * or has lost its writers. Returns true only for a call, even if other_fd is ready as well. */
bool control_is_called_before(int other_fd);

#endif
