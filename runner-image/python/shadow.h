/* shadow.h - tells whether a file of the job has the name of a module that is already imported.
 *
 * Such a job needs an interpreter that is started anew. Imports nothing that is not in every
 * interpreter: a file of the job's may have any other module's name.
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
