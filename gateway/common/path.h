/* path.h - the path of a file below the box's directory: "data/in.csv".
 *
 * A path is relative and plain: its segments are separated by single slashes, and none is empty,
 * "." or "..". So it cannot lead outside of the directory. Pure text functions: they know neither
 * file systems nor encodings.
 */
#ifndef MAYFLY_PATH_H
#define MAYFLY_PATH_H

#include "common/buf.h"

#define PATH_BYTES_MAX 1024
#define PATH_SEGMENTS_MAX 15
#define PATH_SEGMENT_BYTES_MAX 255 /* the longest name in a directory */

/* Returns true if the path is plain. Control characters other than NUL are allowed, because a
 * program may have chosen the name. */
bool path_is_plain(struct bytes path);

/* Returns why a client's path is refused: it is not plain, or contains a control character. The
 * static text completes a sentence ("must be relative"). Returns NULL for a good path. */
const char *path_fault(struct bytes path);

/* Remove the first segment and the slash after it from *path. Returns false when *path is empty. */
bool path_next(struct bytes *path, struct bytes *segment);

/* Returns true if `path` is below `directory`, at any depth. */
bool path_is_below(struct bytes path, struct bytes directory);

#endif
