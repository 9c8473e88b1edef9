#include "changes.h"

#include <stdint.h>

#define FIRST_CAPACITY 1024

static PyObject **watched;
static size_t watched_count, watched_capacity;
static PyObject *told_apart;

static bool hold(PyObject *dict)
{
    if (watched_count == watched_capacity) {
        size_t capacity = watched_capacity ? watched_capacity * 2 : FIRST_CAPACITY;
        PyObject **more = PyMem_RawRealloc(watched, capacity * sizeof(PyObject *));
        if (!more) {
            PyErr_NoMemory();
            return false;
        }
        watched = more;
        watched_capacity = capacity;
    }
    Py_INCREF(dict);
    watched[watched_count++] = dict;
    return true;
}

static void drop_all(void)
{
    while (watched_count > 0)
        Py_DECREF(watched[--watched_count]);
}

#if PY_VERSION_HEX >= 0x030C0000

#define NO_WATCHER (-1)

static int watcher = NO_WATCHER;
static bool apart_changed;
static PyObject **changed; /* the other dictionaries that were changed; borrowed */
static size_t changed_count, changed_capacity;
static bool too_many_changed;

static void note(PyObject *dict)
{
    if (changed_count == changed_capacity) {
        size_t capacity = changed_capacity ? changed_capacity * 2 : 64;
        PyObject **more = PyMem_RawRealloc(changed, capacity * sizeof(PyObject *));
        if (!more) {
            too_many_changed = true;
            return;
        }
        changed = more;
        changed_capacity = capacity;
    }
    changed[changed_count++] = dict;
}

/* Called at a dictionary's first change, after which it is not watched any more. */
static int on_change(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value)
{
    (void)event;
    (void)key;
    (void)value;
    if (!told_apart) /* changes_begin was not called yet */
        return 0;
    if (dict == told_apart)
        apart_changed = true;
    else
        note(dict);
    return PyDict_Unwatch(watcher, dict);
}

static bool watch(PyObject *dict)
{
    if (watcher == NO_WATCHER)
        watcher = PyDict_AddWatcher(on_change);
    return watcher != NO_WATCHER && PyDict_Watch(watcher, dict) == 0;
}

bool changes_watch(PyObject *dict)
{
    return watch(dict) && hold(dict);
}

bool changes_begin(PyObject *apart)
{
    told_apart = apart;
    return watch(apart);
}

bool changes_apart(void)
{
    return apart_changed;
}

bool changes_elsewhere(void)
{
    for (size_t i = 0; i < changed_count; i++) {
        if (PyDict_GET_SIZE(changed[i]) > 0)
            return true;
    }
    return too_many_changed;
}

void changes_let_go(void)
{
    if (watcher != NO_WATCHER && PyDict_ClearWatcher(watcher) != 0)
        PyErr_Clear();
    watcher = NO_WATCHER;
    drop_all();
}

#else

static uint64_t first_version; /* version numbers rise: a dictionary with a later one was changed */

static uint64_t version_of(PyObject *dict)
{
    return ((PyDictObject *)dict)->ma_version_tag;
}

bool changes_watch(PyObject *dict)
{
    return hold(dict);
}

bool changes_begin(PyObject *apart)
{
    PyObject *newest = PyDict_New();
    if (!newest)
        return false;
    told_apart = apart;
    first_version = version_of(newest);
    Py_DECREF(newest);
    return true;
}

bool changes_apart(void)
{
    return version_of(told_apart) > first_version;
}

bool changes_elsewhere(void)
{
    for (size_t i = 0; i < watched_count; i++) {
        if (version_of(watched[i]) > first_version && watched[i] != told_apart &&
            PyDict_GET_SIZE(watched[i]) > 0)
            return true;
    }
    return false;
}

void changes_let_go(void)
{
    drop_all();
}

#endif
