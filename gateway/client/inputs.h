/* inputs.h - remembers what was sent with a run and from which local files it was read. harvest.h
 * uses this to skip unchanged files, and to never replace those local files. */
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

/* Record content that was read from `fd`. `path` is where the program finds it in its folder; NULL:
 * not there. Borrows path until inputs_release. Call this at most `most` times. */
void inputs_add(struct inputs *inputs, int fd, const char *path, struct bytes content);

/* Returns true if an input with this path was sent with this content. */
bool inputs_have(const struct inputs *inputs, struct bytes path, struct bytes content);

/* Returns true if an input was read from this file. */
bool inputs_were_read_from(const struct inputs *inputs, const struct stat *file);

#endif
