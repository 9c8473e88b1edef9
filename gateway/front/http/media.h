/* media.h - media types: derived from file names, and recognised in a Content-Type.
 *
 * Pure.
 */
#ifndef MAYFLY_MEDIA_H
#define MAYFLY_MEDIA_H

#include "common/buf.h"

/* Returns the media type for a path's extension, which may be in upper or lower case;
 * "application/octet-stream" for unknown extensions. The text is static. */
const char *media_type_of_path(struct bytes path);

/* Returns true for a Content-Type that we can read: application/json, without a charset or with
 * UTF-8. */
bool media_type_is_json(struct bytes value);

#endif
