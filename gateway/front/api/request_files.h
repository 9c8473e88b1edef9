/* request_files.h - a request's `files` and `outputs`: what lies in the box when the program
 * starts, and what of it is wanted when the program has ended. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_FILES_H
#define MAYFLY_REQUEST_FILES_H

#include "front/api/reading.h"
#include "front/api/request.h"

/* A box starts with what its program needs. Of its memory, this much at most is files. */
#define REQUEST_FILES_MEMORY_SHARE 4

/* A path or glob as below /box, where it says the same from the root: "/box/out.csv", or through
 * the link "/mnt/data/out.csv". */
struct bytes request_path(struct bytes path);

void request_files_read(struct reading *reading, const char *name, const struct json *value);
void request_outputs_read(struct reading *reading, const char *name, const struct json *value);
/* Read such a list into `files`, which are empty. */
void request_files_take(struct reading *reading, struct request_files *files, const char *name,
                        const struct json *value);

/* When all fields have been read, check what must hold between the files. `name` is the list's. */
void request_files_check(struct reading *reading, struct request_files *files, const char *name);
/* The same between them and the request's own. */
void request_files_check_with(struct reading *reading, const struct request_files *files,
                              const char *name, const struct request_files *others);
/* Then, again and again, until it returns true: decode some `most_bytes` of the contents that came
 * as base64. */
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
