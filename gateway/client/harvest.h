/* harvest.h - saves a run's output files and displays in a folder.
 *
 * A file that equals an input of the same path is skipped, even if a glob matches it. A file that
 * an input was read from is never replaced, whatever its name.
 *
 * Failures here do not end the run. If a file cannot be saved (its path leads outside of the
 * folder, the disk is full, no glob asked for it), a notice reports this. Content is not trusted:
 * it is written unchanged and never interpreted.
 */
#ifndef MAYFLY_HARVEST_H
#define MAYFLY_HARVEST_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"
#include "common/json.h"

/* To initialise: zero it, then set options, inputs and folder. */
struct harvest {
    const struct options *options; /* borrowed: has the requested globs */
    const struct inputs *inputs;   /* borrowed */
    int folder;                    /* borrowed; -1: save nothing */
    /* displays that were received; in a cell, only displays with more than text */
    unsigned displays_count;
    int64_t last_number; /* in a cell: the number of the display that was counted last */
    bool is_incomplete;  /* a requested file or a display is missing or incomplete */
};

/* Save an entry of the result's `files`: {"path","size_bytes","media_type","content","encoding",
 * "truncated"}. Fails with ERR_PROTOCOL when the entry does not have this form. */
bool harvest_file(struct harvest *harvest, const struct json *file, struct buf *notices,
                  struct error *err);

/* Save an object of the result's `displays`: {"media_type","content","encoding"}. Writes
 * display-1.png, display-2.svg and so on, only where the options name a directory. The files of one
 * display of a cell in several forms differ only in their extensions; plain text is not saved. A
 * repl saves images even if no directory is named, replaces no file, and reports each image in a
 * notice. Fails like harvest_file. */
bool harvest_display(struct harvest *harvest, const struct json *display, struct buf *notices,
                     struct error *err);

/* If this is a cell's display of type text/plain, append its text and a newline to `text`. Fails
 * like harvest_file. */
bool harvest_display_text(const struct json *display, struct buf *text, struct error *err);

#endif
