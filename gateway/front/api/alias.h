/* alias.h - the names for a runtime in a request: its own name, and common aliases such as "py".
 *
 * Pure. Depends on the settings alone, so the meaning of a request does not depend on the broker.
 */
#ifndef MAYFLY_ALIAS_H
#define MAYFLY_ALIAS_H

#include "common/config.h"

/* Returns the aliases of a runtime, ended by NULL; there are none for a name that the operator
 * invented. If a configured runtime has an alias as its name, that runtime is meant. */
const char *const *alias_list(const char *runtime_name);

/* Returns the index of the configured runtime with this name or alias; -1 when there is none. */
int alias_resolve(const struct config *config, struct bytes name);

#endif
