/* spec.h - the container-create JSON of a box, composed from numbers and names of ours, never from a client's bytes.
 *
 * The one place where the sandbox is written down. Each field is explained where it is set.
 */
#ifndef MAYFLY_SPEC_H
#define MAYFLY_SPEC_H

#include "broker/docker.h"
#include "common/job.h"

struct spec {
    const struct docker_engine *engine; /* what it can enforce */
    const struct docker_image *image;
    struct limits limits;
    uint32_t uid;            /* and gid; of this slot alone */
    uint64_t tmpfs_bytes;    /* /box and /tmp, each */
    uint32_t idle_ms;        /* init ends an unused box at this age by itself */
    const char *instance;    /* the gateway's */
    uint64_t deadline_ms;    /* of clock_wall_ms: from then on anybody may remove it */
    const char *oci_runtime; /* "" for the engine's default */
};

/* Append the JSON. False when out's cap forbids. */
bool spec_write(const struct spec *spec, struct buf *out);

#endif
