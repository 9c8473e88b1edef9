/* fault.h - handles a bug that the program detects itself: an illegal move of a state machine.
 */
#ifndef MAYFLY_FAULT_H
#define MAYFLY_FAULT_H

/* Call this after logging the bug. Aborts the process in builds with sanitizers and in unit tests,
 * so that tests notice it. Does nothing in a release build: the caller then limits the damage. */
void fault_found(void);

#endif
