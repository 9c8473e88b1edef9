/* machine.h - how much memory the machine has. Does not read settings. */
#ifndef MAYFLY_MACHINE_H
#define MAYFLY_MACHINE_H

#include <stdint.h>

/* Returns the memory available to gateway, engine and boxes together: all of the machine's, or less
 * if a control group above the gateway's own has a limit. The limit of the gateway's own group is
 * ignored, because boxes are in the engine's groups. Returns 0 if unknown. `root` is ""; tests put
 * /proc and /sys below another directory. */
uint64_t machine_memory_bytes(const char *root);

#endif
