/* shadow.h - tells whether a file of the job has the name of a module that is already imported.
 *
 * Such a job needs an interpreter that is started anew. Imports only modules that every interpreter
 * has: a file of the job may have the name of any other module.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_SHADOW_H
#define MAYFLY_PYTHON_SHADOW_H

#include <stdbool.h>

#include "common/buf.h"

/* Returns true if one of the FILE_PATH fields of a RUN frame would be imported in the place of an
 * imported module. Ends the process when that cannot be found out. */
bool shadow_exists(struct bytes fields);

#endif
