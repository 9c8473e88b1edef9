/* instance.h - the name of one gateway on an engine that may have several. */
#ifndef MAYFLY_INSTANCE_H
#define MAYFLY_INSTANCE_H

#include "common/error.h"

#define INSTANCE_LEN 8

/* Fill with random hex digits. */
bool instance_choose(char instance[INSTANCE_LEN + 1], struct error *err);

#endif
