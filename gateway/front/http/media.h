/* media.h - media types: the one that a file's name tells, and the one that a client sends.
 *
 * Pure: text in, judgement out.
 */
#ifndef MAYFLY_MEDIA_H
#define MAYFLY_MEDIA_H

#include "common/buf.h"

/* The media type that a path's extension tells, in either case; otherwise
 * "application/octet-stream". Static. */
const char *media_type_of_path(struct bytes path);

/* Is this Content-Type JSON that we read: application/json, charset, if any, UTF-8? */
bool media_type_is_json(struct bytes value);

#endif
