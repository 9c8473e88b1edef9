/* counted_faults.h - unit.h for tests of a release build: faults (fault.h) are counted and do not
 * abort. */
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
