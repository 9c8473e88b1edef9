/* process.h - metrics of this process: memory, descriptors, CPU time. */
#ifndef MAYFLY_PROCESS_H
#define MAYFLY_PROCESS_H

#include "common/sample.h"

/* Put the process_* metrics and build_info, labelled with `role`. Leaves out a number that the
 * system does not report. */
void process_report(const char *role, struct samples *samples);

#endif
