/* changes.h - finds out whether the program has changed the warm modules or their classes.
 *
 * The content of a module or class is a dictionary. CPython 3.12 and later call back when a watched
 * dictionary changes. Earlier versions give a dictionary a new version number at each change. We
 * hold a reference to each watched dictionary, so that its memory is not reused for another object.
 *
 * One dictionary, `apart`, is reported separately, because the interpreter changes it too.
 *
 * Needs an initialised interpreter, and its lock (GIL).
 */
#ifndef MAYFLY_PYTHON_CHANGES_H
#define MAYFLY_PYTHON_CHANGES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Watch a dictionary, and hold a reference to it. Returns false with a Python exception set. */
bool changes_watch(PyObject *dict);

/* Report changes from now on. Also watches `apart`, to which the caller holds a reference. Returns
 * false with a Python exception set. */
bool changes_begin(PyObject *apart);

/* Returns true if `apart` was changed. */
bool changes_apart(void);

/* Returns true if any other watched dictionary was changed and is not empty. An empty dictionary
 * cannot hold objects of the program: the import system has such tables, and uses them at each
 * import. */
bool changes_elsewhere(void);

/* Stop watching, and release all references. */
void changes_let_go(void);

#endif
