/* path.h - the name of a file below the box's directory: "data/in.csv".
 *
 * Relative and plain: segments with one slash between them, none of them empty, "." or "..". So it
 * names one place, and none outside. Pure text: knows no file system, and no encoding.
 */
#ifndef MAYFLY_PATH_H
#define MAYFLY_PATH_H

#include "common/buf.h"

#define PATH_BYTES_MAX 1024
#define PATH_SEGMENTS_MAX 15
#define PATH_SEGMENT_BYTES_MAX 255 /* what a directory can hold */

/* Is it one, control characters but for NUL allowed: a name that a program may have chosen. */
bool path_is_plain(struct bytes path);

/* Why a client may not ask for it: it is not plain, or holds a control character. The end of a
 * sentence ("must be relative"), in static memory; NULL when nothing is wrong. */
const char *path_fault(struct bytes path);

/* Take the first segment off *path, and the slash behind it. False when *path is empty. */
bool path_next(struct bytes *path, struct bytes *segment);

/* Does `path` lie below `directory`, at whatever depth. */
bool path_is_below(struct bytes path, struct bytes directory);

#endif
