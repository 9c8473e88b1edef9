/* fault.h - a fault of this program, found while it runs: an illegal move of a state machine. */
#ifndef MAYFLY_FAULT_H
#define MAYFLY_FAULT_H

/* Call this after logging a fault, before containing it. Aborts the process in builds with
 * sanitizers and in unit tests, so that no test overlooks it. No-op in a release. */
void fault_found(void);

#endif
