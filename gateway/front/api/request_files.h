/* request_files.h - a request's `files` and `outputs`: what lies in the box when the program
 * starts, and what of it is wanted when the program has ended. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_FILES_H
#define MAYFLY_REQUEST_FILES_H

#include "front/api/reading.h"
#include "front/api/request.h"

/* A box starts with what its program needs. Of its memory, this much at most is files. */
#define REQUEST_FILES_MEMORY_SHARE 4

void request_files_read(struct reading *reading, const char *name, const struct json *value);
void request_outputs_read(struct reading *reading, const char *name, const struct json *value);

/* When all fields were read: what holds between the files, and between them and the limits. Decodes
 * the contents that came as base64. */
void request_files_settle(struct reading *reading);

/* Append files and globs to a RUN payload. False when out's cap forbids. */
bool request_files_write(struct buf *out, const struct request *request);
void request_files_release(struct request_files *files);

#endif
