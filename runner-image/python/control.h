/* control.h - the messages between template and init on the control socket before the job.
 *
 * protocol.h has the messages. handover.h reads the job from the same socket.
 */
#ifndef MAYFLY_PYTHON_CONTROL_H
#define MAYFLY_PYTHON_CONTROL_H

#include <stdbool.h>

/* Report that the interpreter runs and a job may come. Exits the process on failure. */
void control_say_ready(void);

/* Report that this process waits for the job, with the finished part of the warm-up in percent, and
 * the pipe for displays if the image has additions. Exits the process on failure. */
void control_say_warm(unsigned warmth);

/* Wait for init's call, at most timeout_ms; -1: without a limit. Returns true when init has ended,
 * or has called because a job is coming. From then on, this function returns true at once. */
bool control_is_called(int timeout_ms);

/* Wait without a timeout, until init calls or other_fd, which is borrowed, is readable or has lost
 * its writers. Returns true if init has called, even if other_fd is ready too. */
bool control_is_called_before(int other_fd);

#endif
