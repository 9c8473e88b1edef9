/* prompt.h - lines from standard input: from a person at a terminal, who can edit them and recall
 * earlier ones, or from a pipe or a file; libedit inside.
 *
 * Waits for a line without a deadline, since a person may think as long as they like. A signal ends
 * the wait. Where the terminal cannot be edited on (TERM is dumb, or standard output is no
 * terminal), lines are read as the terminal gives them.
 */
#ifndef MAYFLY_PROMPT_H
#define MAYFLY_PROMPT_H

#include "client/recall.h"
#include "common/error.h"

#define PROMPT_LINE_MAX_BYTES ((size_t)1 << 20)

enum prompt_end {
    PROMPT_LINE,     /* a line has come */
    PROMPT_FINISHED, /* standard input has ended, or the person has typed Ctrl-D */
    PROMPT_SIGNALED, /* prompt->signal has come */
    PROMPT_FAILED,   /* a line is too long, or standard input cannot be read: `why` */
};

struct prompt {
    bool is_interactive; /* a person types at a terminal */
    int signals;         /* borrowed: of signals_open */
    int signal;
    struct error why;
    const char *sign;        /* what is shown in front of the line */
    struct editline *editor; /* NULL: lines are not edited */
    struct recall recall;    /* where they are */
    struct buf input;        /* what was read of standard input, and is no line yet */
    bool is_at_end;          /* of standard input */
};

/* Borrows `signals` until prompt_release. Fails with ERR_SYSTEM. Call prompt_release in either
 * case. */
bool prompt_init(struct prompt *prompt, int signals, struct error *err);
/* Saves the lines. */
void prompt_release(struct prompt *prompt);

/* Show the sign, and wait for a line. It replaces the content of `line`, without its newline. The
 * cap of `line` is PROMPT_LINE_MAX_BYTES or more. */
enum prompt_end prompt_read(struct prompt *prompt, const char *sign, struct buf *line);

#endif
