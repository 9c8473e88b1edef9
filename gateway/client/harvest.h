/* harvest.h - what a run leaves behind, brought into a folder: output files and displays.
 *
 * An input that the program left as it was, which a glob may well match, is none of them. No file
 * that an input was read from is replaced, whatever its name.
 *
 * Nothing here ends a run. What cannot be brought in (a path that leaves the folder, a full disk, a
 * file that nobody asked for) is told in a notice and counted. Content is a stranger's: checked for
 * its type, written as it is, never looked at.
 */
#ifndef MAYFLY_HARVEST_H
#define MAYFLY_HARVEST_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"
#include "common/json.h"

/* Zero-initialised, but for options, inputs and folder, is the beginning of one. */
struct harvest {
    const struct options *options; /* lent: the globs that were asked for */
    const struct inputs *inputs;   /* lent */
    int folder;                    /* lent; -1: nothing is wanted, everything is passed over */
    unsigned displays_count;       /* that came */
    bool is_incomplete;            /* something was asked for and is not there whole */
};

/* An object of the answer's `files`: {"path","size_bytes","media_type","content","encoding",
 * "truncated"}. Fails with ERR_PROTOCOL when it is none. */
bool harvest_file(struct harvest *harvest, const struct json *file, struct buf *notices,
                  struct error *err);

/* An object of the answer's `displays`: {"media_type","content","encoding"}. Written only where the
 * options name a directory, as display-1.png, display-2.svg and so on. Fails as above. */
bool harvest_display(struct harvest *harvest, const struct json *display, struct buf *notices,
                     struct error *err);

/* The display's file ending: "png" for "image/png"; "bin" for what is not known. */
const char *harvest_ending(struct bytes media_type);

#endif
