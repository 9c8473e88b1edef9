/* changes.h - which of the warm dictionaries the program has changed.
 *
 * A module's contents and a class's are dictionaries. Those that are watched are held, so that
 * none of them becomes another object's memory. CPython from 3.12 on calls back when a watched
 * dictionary changes; before, each change of any dictionary took the next of the interpreter's
 * version numbers.
 *
 * One dictionary is told apart from the others: its changes have other causes, too.
 *
 * Needs an initialised interpreter, and its lock.
 */
#ifndef MAYFLY_PYTHON_CHANGES_H
#define MAYFLY_PYTHON_CHANGES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Watch and hold a dictionary. False with a Python exception set. */
bool changes_watch(PyObject *dict);

/* Changes count from here. `apart`, which the caller holds, is watched too. False with a Python
 * exception set. */
bool changes_begin(PyObject *apart);

/* Whether `apart` has been changed. */
bool changes_apart(void);

/* Whether any other dictionary that is watched has been changed. */
bool changes_elsewhere(void);

/* Watch and hold none any more. */
void changes_let_go(void);

#endif
