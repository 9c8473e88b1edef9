/* session_files.h - the files of a session's /box.
 *
 *   /api/v1/sessions/{id}/files
 *     GET      lists the files that match ?glob= (by default **), with their sizes
 *   /api/v1/sessions/{id}/files/{path}
 *     PUT      writes the body to the file: 204
 *     GET      answers with the file's bytes
 *     DELETE   removes the file: 204
 *
 * Each request is a run of the session without a cell: it counts as use, makes the session busy,
 * and waits for its turn only with ?queue_timeout=SECONDS. The path is percent-encoded.
 */
#ifndef MAYFLY_SESSION_FILES_H
#define MAYFLY_SESSION_FILES_H

#include "front/api/call.h"

void session_files_handle_list(const struct call *call);
void session_files_handle_put(const struct call *call);
void session_files_handle_get(const struct call *call);
void session_files_handle_delete(const struct call *call);

#endif
