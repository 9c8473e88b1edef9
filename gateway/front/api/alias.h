/* alias.h - the names that a request may give a runtime: its own, and those that users of other
 * systems try first.
 *
 * Pure; goes by the settings alone, so that a request's meaning does not depend on the broker.
 */
#ifndef MAYFLY_ALIAS_H
#define MAYFLY_ALIAS_H

#include "common/config.h"

/* The other names of a runtime, ended by NULL; none for a runtime of an operator's own naming. One
 * that is the name of a configured runtime means that. */
const char *const *alias_list(const char *runtime_name);

/* The index of the configured runtime that a request means, -1 when there is none. */
int alias_resolve(const struct config *config, struct bytes name);

#endif
