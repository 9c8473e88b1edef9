/* profile_file.h - a seccomp profile as a file, for engines that read it from their host.
 *
 * Whoever could change the file would take boxes' fences away: its folder must be writable for
 * nobody but its owner, who is root or the broker's user.
 */
#ifndef MAYFLY_PROFILE_FILE_H
#define MAYFLY_PROFILE_FILE_H

#include "common/buf.h"
#include "common/error.h"

struct profile_file {
    char path[320]; /* "": there is none */
};

/* Have the text in a file of its own in folder, readable for all; does nothing when it is there.
 * Fails with ERR_ENGINE, and what may help. */
bool profile_file_write(struct profile_file *file, const char *folder, struct bytes text,
                        struct error *err);
/* Delete it. Idempotent. */
void profile_file_remove(struct profile_file *file);

#endif
