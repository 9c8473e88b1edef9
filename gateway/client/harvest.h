/* harvest.h - saves a run's output files and displays in a folder.
 *
 * It skips an input that the program left unchanged, even if a glob matches it. It replaces no file
 * that an input was read from, whatever its name.
 *
 * Nothing here ends a run. A file that cannot be saved (a path outside the folder, a full disk, an
 * unrequested file) is reported in a notice and counted. Content is not trusted: its type is
 * checked, and it is written as it is, never interpreted.
 */
#ifndef MAYFLY_HARVEST_H
#define MAYFLY_HARVEST_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"
#include "common/json.h"

/* A zeroed struct with options, inputs and folder set is a valid beginning. */
struct harvest {
    const struct options *options; /* borrowed: the requested globs */
    const struct inputs *inputs;   /* borrowed */
    int folder;                    /* borrowed; -1: skip everything */
    unsigned displays_count;       /* displays received; of a cell, those that are more than text */
    int64_t last_number;           /* of a cell: the display that was counted last */
    bool is_incomplete;            /* a requested file or display is missing or incomplete */
};

/* Save an object of the result's `files`: {"path","size_bytes","media_type","content","encoding",
 * "truncated"}. Fails with ERR_PROTOCOL when it is no such object. */
bool harvest_file(struct harvest *harvest, const struct json *file, struct buf *notices,
                  struct error *err);

/* Save an object of the result's `displays`: {"media_type","content","encoding"}. Writes
 * display-1.png, display-2.svg and so on, only where the options name a directory. The forms of one
 * display of a cell differ in their endings only; plain text is not saved. A repl saves images in
 * any case, replaces no file, and reports each in a notice. Fails like harvest_file. */
bool harvest_display(struct harvest *harvest, const struct json *display, struct buf *notices,
                     struct error *err);

/* Append the text of a cell's display of type text/plain, and a newline, to `text`. Leaves it alone
 * for other displays. Fails like harvest_file. */
bool harvest_display_text(const struct json *display, struct buf *text, struct error *err);

#endif
