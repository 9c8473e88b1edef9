/* request_files.h - reads `files` (input files) and `outputs` (globs of files to return) of a
 * request. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_FILES_H
#define MAYFLY_REQUEST_FILES_H

#include "front/api/reading.h"
#include "front/api/request.h"

/* All input files together may use one in REQUEST_FILES_MEMORY_SHARE bytes of the memory limit. The
 * rest is for the program. */
#define REQUEST_FILES_MEMORY_SHARE 4

/* Returns a path or glob relative to /box: without a leading "/box/", or "/mnt/data/", which is a
 * link to /box. */
struct bytes request_path(struct bytes path);

void request_files_read(struct reading *reading, const char *name, const struct json *value);
void request_outputs_read(struct reading *reading, const char *name, const struct json *value);
/* Read a list of files into *files, which is empty. */
void request_files_take(struct reading *reading, struct request_files *files, const char *name,
                        const struct json *value);

/* After all fields were read, check the files against each other. `name` is the list's name in
 * errors. */
void request_files_check(struct reading *reading, struct request_files *files, const char *name);
/* Check the files also against those of another list, as a test's files against the request's. */
void request_files_check_with(struct reading *reading, const struct request_files *files,
                              const char *name, const struct request_files *others);
/* After the checks, call this until it returns true. Each call decodes about `most_bytes` of
 * base64. */
bool request_files_decode(struct reading *reading, struct request_files *files, const char *name,
                          size_t most_bytes);
/* After decoding, check the total size of the contents, plus `more_bytes`, against the limits. */
void request_files_check_total(struct reading *reading, const struct request_files *files,
                               const char *name, size_t more_bytes);
/* Returns the size of all contents together. */
size_t request_files_bytes(const struct request_files *files);

void request_files_release(struct request_files *files);

#endif
