/* session_files.h - the files of a session's /box.
 *
 *   /api/v1/sessions/{id}/files
 *     GET      the files that match the glob ?glob= (**, without one), with their sizes
 *   /api/v1/sessions/{id}/files/{path}
 *     PUT      writes the body to the file: 204
 *     GET      its bytes
 *     DELETE   removes it: 204
 *
 * Each is a run of the session without a cell: it counts as use, makes the session busy, and waits
 * for its turn only with ?queue_timeout=SECONDS. The path is percent-encoded.
 */
#ifndef MAYFLY_SESSION_FILES_H
#define MAYFLY_SESSION_FILES_H

#include "front/api/call.h"

void session_files_handle_list(const struct call *call);
void session_files_handle_put(const struct call *call);
void session_files_handle_get(const struct call *call);
void session_files_handle_delete(const struct call *call);

#endif
