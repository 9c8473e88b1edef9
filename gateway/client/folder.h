/* folder.h - a folder that files are written into whose names and content others chose.
 *
 * Nothing outside the folder is touched, whatever the path says and whatever symbolic links lie in
 * the folder: paths are checked, each part is opened by itself without following links, and a file
 * is written beside its place and renamed into it, so that what stood there (a link, a pipe, a file
 * with another name elsewhere) is replaced and never written through.
 */
#ifndef MAYFLY_FOLDER_H
#define MAYFLY_FOLDER_H

#include <sys/stat.h>

#include "common/buf.h"
#include "common/error.h"

/* Open `path`, made if it is not there (its parent must be). Returns a descriptor, the caller's to
 * close; -1 with ERR_SYSTEM. */
int folder_open(const char *path, struct error *err);

/* Write a file of exactly this content; folders on the way are made. Fails with ERR_INVALID (the
 * path is not plain: path.h) or ERR_SYSTEM; what stood there is then untouched. The text does not
 * name the path. */
bool folder_write(int folder, struct bytes path, struct bytes content, struct error *err);

/* What stands at a path in it, links followed. False: nothing, or the path is not plain. */
bool folder_stat(int folder, struct bytes path, struct stat *what);

#endif
