/* folder.h - writes files whose names and content are not trusted into a folder.
 *
 * Nothing outside of the folder is changed, whatever the paths and whatever symbolic links are in
 * the folder. Paths are checked, and each part is opened separately without following links. A file
 * is written under a temporary name and then renamed. So an existing entry (a link, a pipe, a file
 * with several names) is replaced, never written to.
 */
#ifndef MAYFLY_FOLDER_H
#define MAYFLY_FOLDER_H

#include <sys/stat.h>

#include "common/buf.h"
#include "common/error.h"

/* Open the folder `path`, and create it if only its last part is missing. Returns a descriptor,
 * owned by the caller; -1 with ERR_SYSTEM. */
int folder_open(const char *path, struct error *err);

/* Write a file, and create missing subfolders. Fails with ERR_INVALID (the path is not plain, see
 * path.h) or ERR_SYSTEM; an existing entry is then untouched. The error does not name the path. */
bool folder_write(int folder, struct bytes path, struct bytes content, struct error *err);

/* Call stat(2) for a path in the folder, following links. Returns false when it is missing or not
 * plain. */
bool folder_stat(int folder, struct bytes path, struct stat *what);

#endif
