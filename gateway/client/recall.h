/* recall.h - keeps the lines that a person has typed. A file keeps them from one repl to the next.
 *
 * The file is in XDG_STATE_HOME, or in ~/.local/state. Only its owner can read it. If two repls run
 * at a time, the one that ends last replaces the other's lines. No failure here ends a repl:
 * without the file, lines are kept until the repl ends.
 */
#ifndef MAYFLY_RECALL_H
#define MAYFLY_RECALL_H

#include <histedit.h>

#include "common/buf.h"

#define RECALL_LINES_MAX 1000
#define RECALL_FILE_MAX_BYTES ((size_t)4 << 20) /* a larger file is not read, but replaced */

struct recall {
    History *lines;  /* NULL: memory was out, and nothing is kept */
    struct buf path; /* with its NUL; empty: there is no file */
};

/* Read the file. */
void recall_init(struct recall *recall);
/* Add a line, NUL-terminated. */
void recall_add(struct recall *recall, const char *line);
/* Write the file, with mode 0600, in place of the earlier one. Prints a notice when that fails. */
void recall_save(struct recall *recall);
void recall_release(struct recall *recall);

#endif
