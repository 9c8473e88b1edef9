/* process.h - what this process holds and has used, as metrics: memory, descriptors, CPU time. */
#ifndef MAYFLY_PROCESS_H
#define MAYFLY_PROCESS_H

#include "common/sample.h"

/* Put the process_* metrics and build_info, labelled with `role`. What the system does not tell is
 * left out. */
void process_report(const char *role, struct samples *samples);

#endif
