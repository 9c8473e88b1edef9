/* process.h - metrics of this process: memory, descriptors, CPU time. */
#ifndef MAYFLY_PROCESS_H
#define MAYFLY_PROCESS_H

#include "common/sample.h"

/* Add the process_* metrics and build_info with the label `role`. A number that the system does not
 * report is left out. */
void process_report(const char *role, struct samples *samples);

#endif
