/* profile_file.h - writes the seccomp profile to a file, for engines that read it from their host.
 *
 * A user who can change the file can weaken every box. So the folder must belong to root or the
 * broker's user, and nobody else may write to it.
 */
#ifndef MAYFLY_PROFILE_FILE_H
#define MAYFLY_PROFILE_FILE_H

#include "common/buf.h"
#include "common/error.h"

struct profile_file {
    char path[320]; /* "": no file was written */
};

/* Write the text to a new file in the folder, readable for all. No-op if the file was already
 * written. Fails with ERR_ENGINE; the error says what may help. */
bool profile_file_write(struct profile_file *file, const char *folder, struct bytes text,
                        struct error *err);
/* Delete the file. No-op if there is none. */
void profile_file_remove(struct profile_file *file);

#endif
