/* request_files.h - `files` and `outputs` of a request: the input files, and the globs for files to
 * return. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_FILES_H
#define MAYFLY_REQUEST_FILES_H

#include "front/api/reading.h"
#include "front/api/request.h"

/* Input files may take at most one part in this many of the memory, so that the program keeps the
 * rest. */
#define REQUEST_FILES_MEMORY_SHARE 4

/* Returns a path or glob relative to /box, without a leading "/box/" or "/mnt/data/" (a link to
 * /box). */
struct bytes request_path(struct bytes path);

void request_files_read(struct reading *reading, const char *name, const struct json *value);
void request_outputs_read(struct reading *reading, const char *name, const struct json *value);
/* Read such a list into `files`, which are empty. */
void request_files_take(struct reading *reading, struct request_files *files, const char *name,
                        const struct json *value);

/* Call it when all fields have been read. It checks the files against each other. `name` is the
 * list's. */
void request_files_check(struct reading *reading, struct request_files *files, const char *name);
/* The same between them and the request's own. */
void request_files_check_with(struct reading *reading, const struct request_files *files,
                              const char *name, const struct request_files *others);
/* Then call this until it returns true. It decodes about `most_bytes` of the base64 contents in
 * each call. */
bool request_files_decode(struct reading *reading, struct request_files *files, const char *name,
                          size_t most_bytes);
/* At the end check what holds between the files and the limits: there are `more_bytes` of others.
 */
void request_files_check_total(struct reading *reading, const struct request_files *files,
                               const char *name, size_t more_bytes);
/* Returns the length of all contents. */
size_t request_files_bytes(const struct request_files *files);

void request_files_release(struct request_files *files);

#endif
