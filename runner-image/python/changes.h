/* changes.h - finds out which of the warm dictionaries the program has changed.
 *
 * The contents of a module or class are a dictionary. References are held to the watched ones, so
 * that their memory is not reused for another object. CPython from 3.12 on calls back when a
 * watched dictionary changes. Earlier versions give each change of any dictionary a new version
 * number.
 *
 * One dictionary is watched separately: its changes have other causes, too.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_CHANGES_H
#define MAYFLY_PYTHON_CHANGES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Watch a dictionary, and hold a reference to it. Returns false with a Python exception set. */
bool changes_watch(PyObject *dict);

/* Count changes from here. Watches `apart`, too, to which the caller holds a reference. Returns
 * false with a Python exception set. */
bool changes_begin(PyObject *apart);

/* Returns true if `apart` was changed. */
bool changes_apart(void);

/* Returns true if any other watched dictionary was changed, and is not empty: an empty one holds no
 * object of the program. The import system uses such tables for each import. */
bool changes_elsewhere(void);

/* Stop watching, and release all references. */
void changes_let_go(void);

#endif
