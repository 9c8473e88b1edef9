/* template.h - the template: a warm process that waits for a job and becomes its program.
 *
 * The template starts its interpreter before there is a job, says that it is ready, and imports
 * modules while it waits. Before it is warm, it may be replaced by its own child. protocol.h has
 * all steps.
 *
 * From its start, its fds 0, 1 and 2 are the program's: a file, and two pipes to init. So the
 * interpreter starts with the streams that the program will use.
 */
#ifndef MAYFLY_INIT_TEMPLATE_H
#define MAYFLY_INIT_TEMPLATE_H

#include <sys/types.h>

#include "common/job.h"

struct template
{
    pid_t pid;       /* the process that reported "warm"; 0 before */
    unsigned warmth; /* the part of its imports that was done by then, in percent */
    int control_fd;  /* our end of the socket; -1 once its report about the start was read */
    /* Our ends of the program's stdout and stderr, non-blocking. They are owned here until some
     * other code takes them. */
    int stdout_fd, stderr_fd;
    /* the pipe for displays, once the template is warm or has reported its start; else -1 */
    int displays_fd;
    char word[160]; /* the bytes of its report about the start that were read so far */
    size_t word_len;
    bool is_failing; /* in a session: `word` is the reason of a failure */
};

/* Start argv[0] with argv. stdin_fd is borrowed and becomes its fd 0. Fails with ERR_SYSTEM;
 * *template is then untouched. If argv[0] cannot be executed, that is not an error here: the child
 * reports it on its stderr and exits with 127. */
bool template_spawn(struct template *template, int stdin_fd, char *const argv[], struct error *err);

/* Let the zygote (zygote.h) fork a new template. zygote_fd is its control socket. stdin_fd is
 * borrowed and becomes the new process's fd 0. Fails with ERR_SYSTEM; *template is then
 * untouched. */
bool template_order_fork(struct template *template, int zygote_fd, int stdin_fd, struct error *err);

/* News from a template that has no job yet. */
enum template_news {
    TEMPLATE_NO_NEWS,
    TEMPLATE_IS_READY, /* it can take a job */
    /* it has stopped importing and waits for the job: pid, warmth and displays_fd are set */
    TEMPLATE_IS_WARM,
    TEMPLATE_LOST, /* it has died, or has broken protocol.h */
};

/* Read the template's next news. Does not wait. */
enum template_news template_poll(struct template *template);

/* Tell a template that is not warm yet that a job is coming. It then stops importing and reports
 * that it is warm. Does not wait. */
void template_call(const struct template *template);

/* Wait until a called template is warm. Returns false if it is lost, or if hangup_fd, which is
 * borrowed, has no writer any more. */
bool template_await_warm(struct template *template, int hangup_fd);

/* Send the template its job, with the farewell's secret. From now on the template is the program,
 * unless it reports a failure (template_hear). Fails with ERR_SYSTEM. */
bool template_hand_over(struct template *template, const struct job *job, uint64_t secret,
                        struct error *err);

/* Messages of a session's interpreter. */
enum session_word {
    SESSION_SILENT, /* no message yet, or an incomplete message */
    SESSION_SERVES, /* it is ready for the first cell */
    SESSION_ENDED,  /* the cell has ended; *code is its exit code */
    SESSION_FAILED, /* it could not become the interpreter: `why` names the failure */
    SESSION_LOST,   /* it has closed its socket or sent nonsense */
};

/* Read the interpreter's next message. Does not wait. May set displays_fd, whatever the result. */
enum session_word template_hear_session(struct template *template, unsigned *code,
                                        struct error *why);

/* Pass a file with a cell to the interpreter. Borrows cell_fd. Does not wait. Returns false if that
 * fails. */
bool template_pass_cell(const struct template *template, int cell_fd);

/* The template's report about how it started the program. */
enum template_word {
    TEMPLATE_SILENT,  /* no report yet */
    TEMPLATE_STARTED, /* it has become the program, or has died before that */
    TEMPLATE_COLD,    /* it has become the program by a new exec: a cold start */
    TEMPLATE_FAILED,  /* it could not start the program: `why` is set */
};

/* Read the template's report. Does not wait. Returns anything but SILENT only once. Sets *why only
 * with FAILED. May set displays_fd, whatever the result. */
enum template_word template_hear(struct template *template, struct error *why);

#endif
