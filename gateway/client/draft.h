/* draft.h - a cell that is being typed line by line. Decides whether it is complete.
 *
 * The client cannot parse Python, so it uses a simple rule. A draft is OPEN in brackets, in a
 * string in triple quotes, after a backslash at the end of a line, and after a line that begins
 * with '@' or "%%". A draft that is not OPEN is a BLOCK if one of its other lines ends with a
 * colon, or begins with the keyword of a compound statement. Any other draft is WHOLE.
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
    /* the quote character of a string that continues in the next line; '\0': none */
    char quote;
    bool is_triple; /* that string's quotes are triple */
    bool is_joined; /* the last line ends with a backslash */
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
