/* rehearsal.h - a front's start, tried in a child process. */
#ifndef MAYFLY_REHEARSAL_H
#define MAYFLY_REHEARSAL_H

#include "common/config.h"

/* Could a front started by this process give up its privileges, and then read the keys file? A
 * child tries both and ends; this process stays as it is. Fails as privileges_drop and gate_new
 * would, or with ERR_SYSTEM. */
bool rehearsal_run(const struct config *config, struct error *err);

#endif
