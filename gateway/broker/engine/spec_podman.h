/* spec_podman.h - the create JSON of a box for Podman's own interface, with what spec.h demands. */
#ifndef MAYFLY_SPEC_PODMAN_H
#define MAYFLY_SPEC_PODMAN_H

#include "broker/engine/spec.h"

/* Append the JSON. False when out's cap forbids. */
bool spec_podman_write(const struct spec *spec, struct buf *out);

#endif
