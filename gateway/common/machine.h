/* machine.h - the memory that is there for everything beside the gateway. Knows no setting. */
#ifndef MAYFLY_MACHINE_H
#define MAYFLY_MACHINE_H

#include <stdint.h>

/* Returns the memory of the machine, or less if a control group above the gateway's own sets a
 * limit. The limit of its own group is the gateway's alone: boxes are in groups of the engine's.
 * root is "" except in tests, where /proc and /sys are below it. Returns 0 if the memory is
 * unknown. */
uint64_t machine_memory_bytes(const char *root);

#endif
