/* template.h - the warm process that becomes the program.
 *
 * A template is a child that starts its interpreter early, says that it is ready, and warms up
 * while it waits for a job. protocol.h has the steps. It may replace itself with a child of its own
 * before it is warm.
 *
 * Its fds 0, 1 and 2 are the program's from the start: a file and two pipes to us. So the
 * interpreter sees at its start the streams that the program will use.
 */
#ifndef MAYFLY_INIT_TEMPLATE_H
#define MAYFLY_INIT_TEMPLATE_H

#include <sys/types.h>

#include "common/job.h"

struct template
{
    pid_t pid;       /* the process that said "warm"; 0 before */
    unsigned warmth; /* percent of its imports that it had done by then */
    int control_fd;  /* our end; -1 once the word on the job was read */
    /* Our ends of the program's stdout and stderr, non-blocking. The code that takes one owns
     * it. */
    int stdout_fd, stderr_fd;
    int displays_fd; /* once it is warm: the pipe of its displays, or -1 */
    char word[160];  /* the part of that word that was read so far */
    size_t word_len;
};

/* Start argv[0] with argv. stdin_fd, which is borrowed, becomes its fd 0. Fails with ERR_SYSTEM;
 * *template is then untouched. A program that cannot be executed is no failure here: the child
 * reports it on its stderr and exits with 127. */
bool template_spawn(struct template *template, int stdin_fd, char *const argv[], struct error *err);

/* Order the zygote at zygote_fd (zygote.h) to fork a process in the place of a template. stdin_fd
 * is borrowed and becomes its fd 0. Fails with ERR_SYSTEM; *template is then untouched. */
bool template_order_fork(struct template *template, int zygote_fd, int stdin_fd, struct error *err);

/* The news of a template that has no job yet. */
enum template_news {
    TEMPLATE_NO_NEWS,
    TEMPLATE_IS_READY, /* a job may come */
    TEMPLATE_IS_WARM,  /* it waits for the job: pid, warmth and displays_fd are set */
    TEMPLATE_LOST,     /* it has died, or does not keep to protocol.h */
};

/* Read the template's next news, without waiting. */
enum template_news template_poll(struct template *template);

/* Announce a job to a template that is not warm, and return without waiting. It then says that it
 * is warm as soon as it can. */
void template_call(const struct template *template);

/* Wait until a called template is warm, or lost. Returns false as well once hangup_fd, which is
 * borrowed, has no writer any more. */
bool template_await_warm(struct template *template, int hangup_fd);

/* Hand over the job, with the secret of its farewell. From here on the template is the program,
 * unless its word (template_hear) says otherwise. Fails with ERR_SYSTEM. */
bool template_hand_over(struct template *template, const struct job *job, uint64_t secret,
                        struct error *err);

/* The template's word on the job: how the program has started. */
enum template_word {
    TEMPLATE_SILENT,  /* nothing yet */
    TEMPLATE_STARTED, /* it has become the program, or has died first */
    TEMPLATE_COLD,    /* it has become the program by a new exec */
    TEMPLATE_FAILED,  /* it could do neither: `why` names the failure */
};

/* Read the template's word, without waiting. Returns anything but SILENT only once. Sets *why with
 * FAILED only. */
enum template_word template_hear(struct template *template, struct error *why);

#endif
