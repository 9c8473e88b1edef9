/* profile_file.h - the seccomp profile as a file, for engines that read it from their host.
 *
 * A user who can change the file can weaken every box. So only the owner of the folder may have
 * write access to it, and the owner must be root or the broker's user.
 */
#ifndef MAYFLY_PROFILE_FILE_H
#define MAYFLY_PROFILE_FILE_H

#include "common/buf.h"
#include "common/error.h"

struct profile_file {
    char path[320]; /* "": there is none */
};

/* Write the text to a file of its own in the folder, readable for all. A no-op when the file
 * exists. Fails with ERR_ENGINE; the error says what may help. */
bool profile_file_write(struct profile_file *file, const char *folder, struct bytes text,
                        struct error *err);
/* Delete it. Idempotent. */
void profile_file_remove(struct profile_file *file);

#endif
