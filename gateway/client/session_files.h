/* session_files.h - the commands `session files`: list, get, put, rm.
 *
 * Each executes one command by its visit's options. Each returns the exit code of the process.
 */
#ifndef MAYFLY_SESSION_FILES_H
#define MAYFLY_SESSION_FILES_H

#include "client/visit.h"

int session_files_list(struct visit *visit);
int session_files_get(struct visit *visit);
int session_files_put(struct visit *visit);
int session_files_remove(struct visit *visit);

#endif
