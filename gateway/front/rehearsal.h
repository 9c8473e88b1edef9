/* rehearsal.h - tries a front's start in a child process. */
#ifndef MAYFLY_REHEARSAL_H
#define MAYFLY_REHEARSAL_H

#include "common/config.h"

/* Check whether a front started by this process could drop its privileges and then read the keys
 * file. A child process tries both and exits. The state of this process does not change. Fails like
 * privileges_drop and gate_new, or with ERR_SYSTEM. */
bool rehearsal_run(const struct config *config, struct error *err);

#endif
