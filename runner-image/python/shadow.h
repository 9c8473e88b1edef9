/* shadow.h - finds out whether a file of the job would shadow a module that is already imported.
 *
 * If it would, the job needs a cold start. Uses only built-in modules, because a file of the job
 * may have the name of any other module.
 *
 * Needs an initialised interpreter, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_SHADOW_H
#define MAYFLY_PYTHON_SHADOW_H

#include <stdbool.h>

#include "common/buf.h"

/* Returns true if a FILE_PATH field of a RUN frame has the name of an imported module. Exits the
 * process on failure. */
bool shadow_exists(struct bytes fields);

#endif
