/* inputs.h - what was sent with a run, and which local files it was read from: what comes back is
 * told from it, and never written over it.
 */
#ifndef MAYFLY_INPUTS_H
#define MAYFLY_INPUTS_H

#include <sys/stat.h>

#include "common/buf.h"

struct input;

/* Zero-initialised is one without any. */
struct inputs {
    struct input *all;
    size_t count, most;
};

/* Room for so many. False: out of memory. Release it in any case. */
bool inputs_init(struct inputs *inputs, size_t most);
void inputs_release(struct inputs *inputs);

/* Remember content that was read from `fd`, and lend its path in the program's folder (NULL: it is
 * not to be found there) until inputs_release. Not more often than there is room. */
void inputs_add(struct inputs *inputs, int fd, const char *path, struct bytes content);

/* Is this one of them, as it was sent? */
bool inputs_have(const struct inputs *inputs, struct bytes path, struct bytes content);

/* Was one of them read from this file? */
bool inputs_were_read_from(const struct inputs *inputs, const struct stat *file);

#endif
