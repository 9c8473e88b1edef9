/* filing.h - the commands `session files`: list, get, put, rm.
 *
 * Each function executes one command, as the visit's options say, and returns the exit code of the
 * process.
 */
#ifndef MAYFLY_FILING_H
#define MAYFLY_FILING_H

#include "client/visit.h"

int filing_list(struct visit *visit);
int filing_get(struct visit *visit);
int filing_put(struct visit *visit);
int filing_remove(struct visit *visit);

#endif
