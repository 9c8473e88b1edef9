#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "warmth.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "additions.h"
#include "changes.h"
#include "remains.h"

/* Dictionaries that modules use as caches. Most programs fill one of them, so that does not count
 * as a change: they are emptied at the end instead. */
static const char *const CACHES[][2] = {
    {"re", "_cache"}, {"re", "_cache2"}, {"_strptime", "_regex_cache"}, {"linecache", "cache"}};

static PyObject *held;                /* a list: the warm modules and all values in them */
static PyObject *names;               /* a list: the warm modules' names in sys.modules */
static PyObject *caches;              /* a list: all lru_caches and the dictionaries of CACHES */
static PyObject *shutdown;            /* the original threading._shutdown */
static PyObject *count_exit_handlers; /* atexit._ncallbacks */
static PyObject *streams[2];
static void (*on_silent_end)(void);
static bool is_ending;
static bool ends_quietly;

static bool watch(PyObject *dict)
{
    return additions_exist() || changes_watch(dict);
}

/* Find the dictionaries of CACHES. Skips modules that are not imported. */
static bool find_named_caches(void)
{
    for (size_t i = 0; i < sizeof CACHES / sizeof CACHES[0]; i++) {
        PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), CACHES[i][0]);
        PyObject *contents = module ? PyModule_GetDict(module) : NULL;
        PyObject *cache = contents ? PyDict_GetItemString(contents, CACHES[i][1]) : NULL;
        if (cache && PyDict_CheckExact(cache) && PyList_Append(caches, cache) != 0)
            return false;
    }
    return true;
}

static bool is_named_cache(const PyObject *value)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(caches); i++) {
        if (PyList_GET_ITEM(caches, i) == value)
            return true;
    }
    return false;
}

static bool keep_value(PyObject *value)
{
    if (PyList_Append(held, value) != 0)
        return false;
    if (PyType_Check(value) && ((PyTypeObject *)value)->tp_dict)
        return watch(((PyTypeObject *)value)->tp_dict);
    return !PyDict_CheckExact(value) || is_named_cache(value) || watch(value);
}

static bool keep_module(PyObject *name, PyObject *module)
{
    if (PyList_Append(names, name) != 0 || PyList_Append(held, module) != 0)
        return false;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    PyObject *contents = PyModule_GetDict(module);
    while (PyDict_Next(contents, &position, &key, &value)) {
        if (!keep_value(value))
            return false;
    }
    return watch(contents);
}

/* Returns true for sys, builtins and __main__. They change all the time, and the interpreter treats
 * them separately at its end. */
static bool is_special(PyObject *module, PyObject *name)
{
    static const char *const specials[] = {"sys", "builtins", "__main__"};
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (PyUnicode_CompareWithASCIIString(name, specials[i]) == 0)
            return true;
    }
    return !PyModule_Check(module);
}

static bool keep_modules(void)
{
    PyObject *name, *module;
    Py_ssize_t position = 0;
    while (PyDict_Next(PyImport_GetModuleDict(), &position, &name, &module)) {
        if (!is_special(module, name) && !keep_module(name, module))
            return false;
    }
    return true;
}

/* Find all lru_caches. They can hold objects of the program, as arguments and results: typing
 * caches its subscripted types. */
static bool find_caches(PyObject *gc)
{
    PyObject *objects = PyObject_CallMethod(gc, "get_objects", NULL);
    if (!objects)
        return false;
    bool whole = true;
    for (Py_ssize_t i = 0; whole && i < PyList_GET_SIZE(objects); i++) {
        PyObject *object = PyList_GET_ITEM(objects, i);
        if (strcmp(Py_TYPE(object)->tp_name, "functools._lru_cache_wrapper") == 0)
            whole = PyList_Append(caches, object) == 0;
    }
    Py_DECREF(objects);
    return whole;
}

bool warmth_watch(void (*silent_end)(void))
{
    if (!held)
        return true;
    on_silent_end = silent_end;
    remains_begin();
    return changes_begin(PyFunction_GetGlobals(shutdown));
}

static bool call_and_forget(PyObject *object, const char *method)
{
    PyObject *result = object ? PyObject_CallMethod(object, method, NULL) : NULL;
    Py_XDECREF(result);
    return result != NULL;
}

static bool clear_caches(void)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(caches); i++) {
        PyObject *cache = PyList_GET_ITEM(caches, i);
        if (PyDict_CheckExact(cache))
            PyDict_Clear(cache);
        else if (!call_and_forget(cache, "cache_clear"))
            return false;
    }
    return true;
}

/* Run all exit handlers now, the program's and the packages'. The interpreter would run them soon
 * anyway, but they may need the modules that are hidden next. */
static bool run_exit_handlers(void)
{
    PyObject *atexit = PyImport_ImportModule("atexit");
    bool done = call_and_forget(atexit, "_run_exitfuncs");
    Py_XDECREF(atexit);
    return done;
}

static bool has_exit_handlers(void)
{
    PyObject *count = PyObject_CallNoArgs(count_exit_handlers);
    bool none = count && PyLong_AsLong(count) == 0;
    Py_XDECREF(count);
    return !none;
}

/* Returns true if the stream is still the interpreter's own and could be flushed. */
static bool is_flushed(const char *name, const char *original, int fd)
{
    PyObject *stream = PySys_GetObject(name);
    return stream && stream == PySys_GetObject(original) && fcntl(fd, F_GETFD) >= 0 &&
           call_and_forget(stream, "flush");
}

/* Returns true if a traceback was stored: its frames hold objects. */
static bool has_traceback(void)
{
    return PySys_GetObject("last_traceback") || PySys_GetObject("last_exc");
}

/* Returns true if no code of the program can run any more except destructors: it has no other
 * thread, no exit handler, and no streams of its own. */
static bool nothing_else_runs(void)
{
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    bool nothing = !PyThreadState_Next(PyInterpreterState_ThreadHead(interpreter)) &&
                   !has_exit_handlers() && is_flushed("stdout", "__stdout__", STDOUT_FILENO) &&
                   is_flushed("stderr", "__stderr__", STDERR_FILENO);
    PyErr_Clear();
    return nothing;
}

/* Set the warm modules' entries in sys.modules to None, as the interpreter is about to do. It would
 * then empty each module that is still referenced, name by name. So it does not find the warm
 * modules, which disappear with the process. */
static bool hide_modules(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        if (PyDict_SetItem(modules, PyList_GET_ITEM(names, i), Py_None) != 0)
            return false;
    }
    return true;
}

/* The program has changed warm modules: give up all that we hold, so that the interpreter tears
 * them down like the program's own. */
static bool give_back(void)
{
    changes_let_go();
    Py_CLEAR(held);
    Py_CLEAR(names);
    Py_CLEAR(caches);
    Py_CLEAR(shutdown);
    remains_let_go();
    PyObject *gc = PyImport_ImportModule("gc");
    bool given = call_and_forget(gc, "unfreeze");
    Py_XDECREF(gc);
    return given;
}

static void tell_silent_end(void)
{
    if (nothing_else_runs() && remains_are_silent())
        on_silent_end();
}

/* Shorten the interpreter's end: hide the warm modules, unless they were changed. */
static bool end_modules(bool changed)
{
    if (additions_exist()) {
        if (!run_exit_handlers())
            return false;
        tell_silent_end();
    }
    if (!clear_caches())
        return false;
    if (changed || changes_elsewhere())
        return give_back();
    if (!nothing_else_runs() || has_traceback())
        return true;
    ends_quietly = hide_modules();
    return ends_quietly;
}

void warmth_end(void)
{
    is_ending = true;
}

/* Replaces threading._shutdown, which the interpreter calls first when it ends, to join threads.
 * The program may call it too, without being at its end. */
static PyObject *end_threads(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (!shutdown) /* it was given back already */
        Py_RETURN_NONE;
    bool changed = changes_apart();
    PyObject *result = PyObject_CallNoArgs(shutdown); /* changes a variable of threading itself */
    if (!result || !held || !is_ending)
        return result;
    tell_silent_end();
    if (!end_modules(changed))
        Py_CLEAR(result);
    return result;
}

/* Hold stdout and stderr. Functions of some packages hold sys.stdout as a default argument, so its
 * own destructor would not flush it in time. */
static bool keep_streams(void)
{
    streams[0] = PySys_GetObject("stdout");
    streams[1] = PySys_GetObject("stderr");
    Py_XINCREF(streams[0]);
    Py_XINCREF(streams[1]);
    return streams[0] && streams[1];
}

void warmth_flush(void)
{
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        if (!call_and_forget(streams[i], "flush"))
            PyErr_Clear();
    }
}

bool warmth_ends_quietly(void)
{
    return ends_quietly;
}

static bool stand_in_for_shutdown(void)
{
    static PyMethodDef definition = {"_shutdown", end_threads, METH_NOARGS, NULL};
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *stand_in = PyCFunction_New(&definition, NULL);
    shutdown = threading ? PyObject_GetAttrString(threading, "_shutdown") : NULL;
    bool done =
        stand_in && shutdown && PyObject_SetAttrString(threading, "_shutdown", stand_in) == 0;
    Py_XDECREF(stand_in);
    Py_XDECREF(threading);
    return done;
}

/* Let the collector track the globals of __main__ again. If they stayed frozen, a cycle of a
 * function and its globals would never be found. */
static bool thaw_main(void)
{
    PyObject *main_module = PyImport_AddModule("__main__");
    if (!main_module)
        return false;
    PyObject *globals = PyModule_GetDict(main_module);
    PyObject_GC_UnTrack(globals);
    PyObject_GC_Track(globals);
    return true;
}

static bool find_exit_handlers(void)
{
    PyObject *atexit = PyImport_ImportModule("atexit");
    count_exit_handlers = atexit ? PyObject_GetAttrString(atexit, "_ncallbacks") : NULL;
    Py_XDECREF(atexit);
    return count_exit_handlers != NULL;
}

/* Returns false if the warm-up ended before threading was imported. Then only few modules are
 * imported, and the interpreter can tear them down as usual. */
static bool has_threading(void)
{
    return PyDict_GetItemString(PyImport_GetModuleDict(), "threading") != NULL;
}

/* Collect the objects that must be held. Garbage among the imported objects is frozen too:
 * collecting it would take a tenth of the time of the imports. */
bool warmth_gather(void)
{
    if (!has_threading())
        return true;
    held = PyList_New(0);
    names = PyList_New(0);
    caches = PyList_New(0);
    PyObject *gc = PyImport_ImportModule("gc");
    bool gathered = held && names && caches && gc && (!additions_exist() || keep_streams()) &&
                    stand_in_for_shutdown() && find_exit_handlers() && find_named_caches() &&
                    keep_modules() && find_caches(gc) && remains_expect();
    Py_XDECREF(gc);
    return gathered;
}

bool warmth_freeze(void)
{
    PyObject *gc = held ? PyImport_ImportModule("gc") : NULL;
    bool frozen = !held || (call_and_forget(gc, "freeze") && thaw_main());
    Py_XDECREF(gc);
    PyGC_Enable();
    return frozen;
}
