/* additions.h - an image's own additions to the template: its packages, and its displays.
 *
 * An image may bring a module, ADDITIONS_FILE. It is imported before the template is ready, and
 * provides
 *
 *   STEPS                optionally: a sequence of (weight, function), the steps of its warm-up, in
 *                        order. A step's weight is its time, where a standard module's import is 1
 *   say_warm(fd)         say "warm" on the control socket, optionally with more (protocol.h)
 *   begin(bytes)         the program starts here; its displays may have this many bytes
 *   begin_cold(bytes)    the same, before another interpreter is executed in its place
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_ADDITIONS_H
#define MAYFLY_PYTHON_ADDITIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

#define ADDITIONS_FILE "/usr/lib/python3/dist-packages/mayfly_runtime.py"
/* These modules are in every image. That of cells can be executed as well. */
#define DISPLAYS_MODULE "mayfly_displays"
#define CELL_MODULE "mayfly_cell"
#define SESSION_MODULE "mayfly_session"
#define CELL_FILE "/usr/lib/python3/dist-packages/mayfly_cell.py"

/* Import them, if the image has any. Returns false with a Python exception set. */
bool additions_load(void);
/* Returns true if the image has any. */
bool additions_exist(void);

/* Returns the number of steps; 0 without additions. */
size_t additions_count(void);
/* Returns the weight of the first `count` steps. */
size_t additions_weight(size_t count);
/* Do a step. Returns false with a Python exception set. */
bool additions_do_step(size_t number);

/* These need additions_exist(). They return false with a Python exception set. */
bool additions_say_warm(int control_fd);
bool additions_begin(bool cold, uint64_t displays_bytes);

/* Give a cell its displays, in an image without additions: as say_warm, with HANDOVER_DISPLAYS, and
 * then begin or begin_cold. Returns false with a Python exception set. */
bool additions_begin_cell(int control_fd, bool cold, uint64_t displays_bytes);

/* Import a module of ours, whatever files the program has. Returns a new reference, or NULL with a
 * Python exception set. */
PyObject *additions_import(const char *module);

/* Returns true if the packages read a job's variable (NAME=value) or file when they are
 * imported. */
bool additions_read_variable(struct bytes entry);
bool additions_read_file(struct bytes path);

#endif
