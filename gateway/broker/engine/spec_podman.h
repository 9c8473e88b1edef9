/* spec_podman.h - the create JSON of a box for Podman's own interface; spec.h says what it must
 * contain. */
#ifndef MAYFLY_SPEC_PODMAN_H
#define MAYFLY_SPEC_PODMAN_H

#include "broker/engine/spec.h"

/* Append the JSON. Returns false when it does not fit into out. */
bool spec_podman_write(const struct spec *spec, struct buf *out);

#endif
