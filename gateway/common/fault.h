/* fault.h - a fault of this program, found while it runs: a move that its state machines do not
 * have.
 */
#ifndef MAYFLY_FAULT_H
#define MAYFLY_FAULT_H

/* The caller has logged the fault and is about to contain it. Aborts the process in builds with
 * sanitizers and in unit tests, so that no test passes over it. Does nothing in a release. */
void fault_found(void);

#endif
