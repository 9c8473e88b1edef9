/* folder.h - writes files into a folder, where others chose their names and content.
 *
 * Nothing outside the folder is touched, whatever the path and whatever symbolic links the folder
 * holds. Paths are checked, and each part is opened by itself without following links. A file is
 * written under a temporary name and renamed into its place. So an existing entry (a link, a pipe,
 * a file with a second name) is replaced and never written through.
 */
#ifndef MAYFLY_FOLDER_H
#define MAYFLY_FOLDER_H

#include <sys/stat.h>

#include "common/buf.h"
#include "common/error.h"

/* Open `path`, and create it if it is missing (its parent must exist). Returns a descriptor, owned
 * by the caller; -1 with ERR_SYSTEM. */
int folder_open(const char *path, struct error *err);

/* Write a file with this content, and create missing folders on the way. Fails with ERR_INVALID
 * (the path is not plain: path.h) or ERR_SYSTEM; an existing entry is then untouched. The error
 * does not name the path. */
bool folder_write(int folder, struct bytes path, struct bytes content, struct error *err);

/* Stat a path in the folder, following links. Returns false when it is missing or not plain. */
bool folder_stat(int folder, struct bytes path, struct stat *what);

#endif
