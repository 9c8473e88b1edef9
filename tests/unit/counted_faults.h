/* counted_faults.h - unit.h, for tests of what a release does after a fault: faults are counted. */
#ifndef MAYFLY_COUNTED_FAULTS_H
#define MAYFLY_COUNTED_FAULTS_H

#define UNIT_OWN_FAULT
#include "unit.h"

static unsigned faults;

void fault_found(void)
{
    faults++;
}

#endif
