/* spec_podman.h - the create JSON of a box for Podman's own API, with the same content as
 * spec.h's. */
#ifndef MAYFLY_SPEC_PODMAN_H
#define MAYFLY_SPEC_PODMAN_H

#include "broker/engine/spec.h"

/* Append the JSON. Returns false when it does not fit into out. */
bool spec_podman_write(const struct spec *spec, struct buf *out);

#endif
