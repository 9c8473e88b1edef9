/* alias.h - the names that a request may use for a runtime: its configured name, and aliases such
 * as "py".
 *
 * Pure. Uses only the settings, so a name means the same whether or not a broker is connected.
 */
#ifndef MAYFLY_ALIAS_H
#define MAYFLY_ALIAS_H

#include "common/config.h"

/* Returns the aliases of the runtime with this name, ended by NULL. A name that is not in our table
 * has none. If a configured runtime has an alias as its own name, the alias means that runtime. */
const char *const *alias_list(const char *runtime_name);

/* Returns the index of the configured runtime with this name or alias; -1 when there is none. */
int alias_resolve(const struct config *config, struct bytes name);

#endif
