/* template.h - the warm process that becomes the program.
 *
 * A template is a child that starts its interpreter ahead of need, says so, and waits for a job;
 * the steps are in protocol.h. Its fds 0, 1 and 2 are the program's from the start, a file and two
 * pipes to us, so that the interpreter sees when it starts what the program will use.
 */
#ifndef MAYFLY_INIT_TEMPLATE_H
#define MAYFLY_INIT_TEMPLATE_H

#include <sys/types.h>

#include "common/job.h"

struct template
{
    pid_t pid;      /* of the process that says "warm", once it has */
    int control_fd; /* our end */
    /* Our ends of the program's stdout and stderr, non-blocking. Whoever takes one owns it. */
    int stdout_fd, stderr_fd;
    int displays_fd; /* once it is warm: the pipe of its displays, -1 when it has none */
};

/* Start argv[0] with argv; stdin_fd, which is lent, becomes its fd 0. Fails with ERR_SYSTEM;
 * *template is then untouched. A program that cannot be executed is no failure here: the child says
 * why on its stderr and ends with 127. */
bool template_spawn(struct template *template, int stdin_fd, char *const argv[], struct error *err);

/* Read the byte that says "warm", and what comes with it. 1 when it came, 0 when not yet, -1 when
 * the template has gone. The process that we started may have left its place to one of its own. */
int template_poll_warm(struct template *template);

/* Give the job away, with the secret of its farewell: the template is the program from here on.
 * Fails with ERR_SYSTEM. */
bool template_hand_over(struct template *template, const struct job *job, uint64_t secret,
                        struct error *err);

/* Whether the dead template has said that it could not become the program: why is then in *err,
 * ERR_INVALID when the job asks for too much. */
bool template_could_not_begin(const struct template *template, struct error *err);

#endif
