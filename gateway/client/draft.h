/* draft.h - a cell that is being typed line by line. Decides whether it is complete.
 *
 * The client cannot parse Python, so a plain rule decides. A draft is OPEN in brackets, in a string
 * in triple quotes, after a backslash at the end of a line, and after a line that begins with '@'
 * or "%%". It is a BLOCK once a line outside of these has ended with a colon or begun with the
 * keyword of a compound statement. Anything else is WHOLE.
 *
 * Pure. Looks at each line once. A wrong guess costs no more than an empty line, or an error that
 * Python reports.
 */
#ifndef MAYFLY_DRAFT_H
#define MAYFLY_DRAFT_H

#include "common/buf.h"

#define DRAFT_MAX_BYTES ((size_t)1 << 20) /* no gateway accepts more code */

enum draft_state {
    DRAFT_EMPTY, /* has only empty lines and comments */
    DRAFT_WHOLE, /* can be run */
    DRAFT_BLOCK, /* can be run, but its block may have further lines */
    DRAFT_OPEN,  /* needs another line */
};

struct draft {
    struct buf text; /* the lines, each with its newline */
    unsigned depth;  /* open brackets */
    char quote;      /* quote of the string that continues in the next line; '\0': none */
    bool is_triple;  /* that string's quotes are triple */
    bool is_joined;  /* the last line ends with a backslash */
    bool has_code, has_block;
    bool needs_more; /* the last line was a decorator, or the command of a notebook's cell */
};

void draft_init(struct draft *draft);
void draft_release(struct draft *draft);
void draft_clear(struct draft *draft);

/* Append a line, given without its newline. Returns false, with nothing changed, when it exceeds
 * DRAFT_MAX_BYTES. */
bool draft_add(struct draft *draft, struct bytes line);

enum draft_state draft_state(const struct draft *draft);

/* Returns true if this line can belong to the draft's block: it is indented, empty, a comment, or
 * the next part of a compound statement ("else:"). For input whose blocks may have empty lines. */
bool draft_continues(struct bytes line);

/* Returns true if the line has only white space. */
bool draft_is_blank(struct bytes line);

#endif
