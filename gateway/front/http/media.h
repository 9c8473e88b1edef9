/* media.h - media types: by the name of a file, and in a client's Content-Type.
 *
 * Pure: text in, judgement out.
 */
#ifndef MAYFLY_MEDIA_H
#define MAYFLY_MEDIA_H

#include "common/buf.h"

/* Returns the media type for the extension of a path, in upper or lower case; otherwise
 * "application/octet-stream". Static. */
const char *media_type_of_path(struct bytes path);

/* Is this Content-Type one that we read: application/json, with no charset but UTF-8? */
bool media_type_is_json(struct bytes value);

#endif
