/* additions.h - what an image's own Python adds to the template: its packages, and a way to show
 * things.
 *
 * An image may bring a module, ADDITIONS_FILE. It is imported with the warm modules and provides
 *
 *   say_warm(fd)         say "warm" on the control socket, perhaps with more (protocol.h)
 *   begin(bytes)         the program starts here; its displays may have that many bytes
 *   begin_cold(bytes)    the same, before another interpreter is executed in its place
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_ADDITIONS_H
#define MAYFLY_PYTHON_ADDITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

#define ADDITIONS_FILE "/usr/lib/python3/dist-packages/mayfly_runtime.py"

/* Import them, where the image has any. False with a Python exception set. */
bool additions_load(void);
/* Were there any? */
bool additions_exist(void);

/* These need additions_exist(). False with a Python exception set. */
bool additions_say_warm(int control_fd);
bool additions_begin(bool cold, uint64_t displays_bytes);

/* Whether a variable of the job's, NAME=value, or a file of the job's is read when the packages
 * are imported. */
bool additions_read_variable(struct bytes entry);
bool additions_read_file(struct bytes path);

#endif
