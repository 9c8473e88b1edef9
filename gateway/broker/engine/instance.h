/* instance.h - the name that distinguishes this gateway from others that use the same engine. */
#ifndef MAYFLY_INSTANCE_H
#define MAYFLY_INSTANCE_H

#include "common/error.h"

#define INSTANCE_LEN 8

/* Fill with random hex digits. Fails with ERR_SYSTEM. */
bool instance_choose(char instance[INSTANCE_LEN + 1], struct error *err);

#endif
