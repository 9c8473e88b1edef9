/* additions.h - the parts that an image adds to the template: packages to import early, and
 * displays.
 *
 * An image may contain a Python module, ADDITIONS_FILE. It is imported before the template is
 * ready, and provides
 *
 *   STEPS                optional: a sequence of (weight, function), the steps of its warm-up, in
 *                        order. The weight is a step's duration; importing a standard module is 1
 *   say_warm(fd)         reports "warm" on the control socket; may send more with it (protocol.h)
 *   begin(bytes)         called when the program starts; `bytes` is the cap of its displays
 *   begin_cold(bytes)    the same, before the process executes another interpreter
 *
 * Needs an initialised interpreter, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_ADDITIONS_H
#define MAYFLY_PYTHON_ADDITIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

#define ADDITIONS_FILE "/usr/lib/python3/dist-packages/mayfly_runtime.py"
/* These modules are in every image. The module for cells can also be executed. */
#define DISPLAYS_MODULE "mayfly_displays"
#define CELL_MODULE "mayfly_cell"
#define SESSION_MODULE "mayfly_session"
#define CELL_FILE "/usr/lib/python3/dist-packages/mayfly_cell.py"

/* Import the image's additions, if there are any. Returns false with a Python exception set. */
bool additions_load(void);
/* Returns true if the image has additions. */
bool additions_exist(void);

/* Returns the number of steps; 0 without additions. */
size_t additions_count(void);
/* Returns the sum of the first `count` steps' weights. */
size_t additions_weight(size_t count);
/* Run a step's function. Returns false with a Python exception set. */
bool additions_do_step(size_t number);

/* These need additions_exist(). They return false with a Python exception set. */
bool additions_say_warm(int control_fd);
bool additions_begin(bool cold, uint64_t displays_bytes);

/* Set up displays for a cell in an image without additions: send their pipe with HANDOVER_DISPLAYS,
 * then call begin or begin_cold. Returns false with a Python exception set. */
bool additions_begin_cell(int control_fd, bool cold, uint64_t displays_bytes);

/* Import one of our own modules, even if the program has a file of the same name. Returns a new
 * reference, or NULL with a Python exception set. */
PyObject *additions_import(const char *module);

/* Returns true if importing the packages reads this variable (NAME=value) or file of a job. Such a
 * job needs a cold start. */
bool additions_read_variable(struct bytes entry);
bool additions_read_file(struct bytes path);

#endif
