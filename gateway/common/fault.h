/* fault.h - a bug of this program that is found while it runs: an illegal move of a state machine.
 */
#ifndef MAYFLY_FAULT_H
#define MAYFLY_FAULT_H

/* Call this after logging the fault, before containing it. It aborts the process in builds with
 * sanitizers and in unit tests, so that no test overlooks the fault. It is a no-op in a release. */
void fault_found(void);

#endif
