/* prompt.h - reads lines from standard input: a terminal, a pipe or a file.
 *
 * A person at a terminal can edit lines and recall earlier ones, by libedit. If TERM is dumb, or
 * standard output is not a terminal, lines cannot be edited.
 *
 * The wait for a line has no deadline, since a person may think as long as they like. A signal ends
 * the wait.
 */
#ifndef MAYFLY_PROMPT_H
#define MAYFLY_PROMPT_H

#include "client/recall.h"
#include "common/error.h"

#define PROMPT_LINE_MAX_BYTES ((size_t)1 << 20)

enum prompt_end {
    PROMPT_LINE,     /* a line was read */
    PROMPT_FINISHED, /* standard input has ended, or the person has typed Ctrl-D */
    PROMPT_SIGNALED, /* a signal has come; its number is in prompt->signal */
    PROMPT_FAILED,   /* a line is too long, or standard input cannot be read; see `why` */
};

struct prompt {
    bool is_interactive; /* a person types at a terminal */
    int signals;         /* borrowed; from signals_open */
    int signal;
    struct error why;
    const char *sign;        /* the text that is shown in front of the line */
    struct editline *editor; /* NULL: lines are not edited */
    struct recall recall;    /* the earlier lines, if lines are edited */
    struct buf input;        /* bytes read from standard input that are not returned yet */
    bool is_at_end;          /* standard input has ended */
};

/* Borrows `signals` until prompt_release. Fails with ERR_SYSTEM. Call prompt_release in either
 * case. */
bool prompt_init(struct prompt *prompt, int signals, struct error *err);
/* Release the prompt, and save the lines. */
void prompt_release(struct prompt *prompt);

/* Show the sign, and wait for a line. The line, without its newline, replaces the content of
 * `line`, whose cap must be at least PROMPT_LINE_MAX_BYTES. */
enum prompt_end prompt_read(struct prompt *prompt, const char *sign, struct buf *line);

#endif
