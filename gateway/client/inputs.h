/* inputs.h - remembers the contents that were sent with a run, and the local files that they were
 * read from. harvest.h uses this to skip unchanged files, and never to replace one of these local
 * files. */
#ifndef MAYFLY_INPUTS_H
#define MAYFLY_INPUTS_H

#include <sys/stat.h>

#include "common/buf.h"

struct input;

/* A zeroed struct holds no inputs. */
struct inputs {
    struct input *all;
    size_t count, most;
};

/* Allocate space for `most` inputs. Returns false when memory is out. Call inputs_release in either
 * case. */
bool inputs_init(struct inputs *inputs, size_t most);
void inputs_release(struct inputs *inputs);

/* Record content that was read from `fd`. `path` is the path of the content in the program's
 * folder; NULL: it is not in that folder. Borrows path until inputs_release. Call this at most
 * `most` times. */
void inputs_add(struct inputs *inputs, int fd, const char *path, struct bytes content);

/* Returns true if an input with this path was sent with this content. */
bool inputs_have(const struct inputs *inputs, struct bytes path, struct bytes content);

/* Returns true if an input was read from this file. */
bool inputs_were_read_from(const struct inputs *inputs, const struct stat *file);

#endif
