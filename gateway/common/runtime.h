/* runtime.h - the runtimes as clients see them: the labels of their images, and how many boxes are
 * ready.
 *
 * The broker sends them in a RUNTIMES frame after each STATUS frame. All texts are empty until the
 * engine has reported the images' labels.
 */
#ifndef MAYFLY_RUNTIME_H
#define MAYFLY_RUNTIME_H

#include "common/config.h"

struct runtime {
    char name[JOB_RUNTIME_NAME_MAX + 1];
    char language[24];  /* "python": label mayfly.language */
    char version[24];   /* "3.11.2": label mayfly.version */
    char packages[512]; /* "numpy=1.24.2 pandas=1.5.3": label mayfly.packages */
    uint64_t ready;     /* boxes with the default limits that wait for a run */
};

struct runtimes {
    size_t count;
    struct runtime all[CONFIG_RUNTIMES_MAX];
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool runtimes_encode(struct buf *out, const struct runtimes *runtimes);
/* Read a RUNTIMES payload. Cuts a text that is too long. Fails with ERR_PROTOCOL; *runtimes is then
 * untouched. */
bool runtimes_decode(struct bytes payload, struct runtimes *runtimes, struct error *err);

/* Returns the runtime of that name, NULL when there is none. */
const struct runtime *runtimes_find(const struct runtimes *runtimes, const char *name);

#endif
