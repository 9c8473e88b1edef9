/* path.h - the name of a file below the box's directory: "data/in.csv".
 *
 * A path is relative and plain: segments with one slash between them, none of them empty, "." or
 * "..". So it names one place, and none outside. Pure text: knows no file system, and no encoding.
 */
#ifndef MAYFLY_PATH_H
#define MAYFLY_PATH_H

#include "common/buf.h"

#define PATH_BYTES_MAX 1024
#define PATH_SEGMENTS_MAX 15
#define PATH_SEGMENT_BYTES_MAX 255 /* the longest name in a directory */

/* Returns true if the path is plain. Control characters except NUL are allowed: a program may have
 * chosen the name. */
bool path_is_plain(struct bytes path);

/* Returns why a client may not use the path: it is not plain, or holds a control character. The
 * text is static and ends a sentence ("must be relative"). Returns NULL when nothing is wrong. */
const char *path_fault(struct bytes path);

/* Remove the first segment, and the slash after it, from *path. Returns false when *path is
 * empty. */
bool path_next(struct bytes *path, struct bytes *segment);

/* Returns true if `path` is below `directory`, at any depth. */
bool path_is_below(struct bytes path, struct bytes directory);

#endif
