#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "additions.h"

/* Set __loader__ to importlib's SourceFileLoader("__main__", path). */
static bool set_loader(PyObject *globals, PyObject *path)
{
    PyObject *external = PyImport_ImportModule("_frozen_importlib_external");
    PyObject *loader =
        external ? PyObject_CallMethod(external, "SourceFileLoader", "sO", "__main__", path) : NULL;
    bool done = loader && PyDict_SetItemString(globals, "__loader__", loader) == 0;
    Py_XDECREF(loader);
    Py_XDECREF(external);
    return done;
}

static bool set_names(PyObject *globals, const char *path)
{
    PyObject *name = PyUnicode_DecodeFSDefault(path);
    bool done = name && PyDict_SetItemString(globals, "__file__", name) == 0 &&
                PyDict_SetItemString(globals, "__cached__", Py_None) == 0 &&
                set_loader(globals, name);
    Py_XDECREF(name);
    return done;
}

/* Put the script's folder first in sys.path. Before, ask for an importer for the script: it could
 * be a zip archive, and python3 leaves the answer in sys.path_importer_cache. Also give __main__
 * the names of a script. */
bool script_prepare(const char *path)
{
    PyObject *main_module = PyImport_AddModule("__main__");
    const char *slash = strrchr(path, '/');
    PyObject *script = PyUnicode_DecodeFSDefault(path);
    PyObject *folder = PyUnicode_DecodeFSDefaultAndSize(path, slash - path);
    PyObject *importer = script ? PyImport_GetImporter(script) : NULL;
    PyObject *sys_path = PySys_GetObject("path");
    bool done = folder && importer && sys_path && PyList_Insert(sys_path, 0, folder) == 0 &&
                main_module && set_names(PyModule_GetDict(main_module), path);
    Py_XDECREF(importer);
    Py_XDECREF(folder);
    Py_XDECREF(script);
    return done;
}

static void forget_names(PyObject *globals)
{
    if (PyDict_DelItemString(globals, "__file__") != 0 ||
        PyDict_DelItemString(globals, "__cached__") != 0)
        PyErr_Clear();
}

/* Flush stderr and stdout. Errors are ignored here: the interpreter reports them when it ends. */
static void flush_streams(void)
{
    static const char *const streams[] = {"stderr", "stdout"};
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        PyObject *stream = PySys_GetObject(streams[i]);
        PyObject *result = stream ? PyObject_CallMethod(stream, "flush", NULL) : NULL;
        Py_XDECREF(result);
        PyErr_Clear();
    }
    PyErr_Restore(type, value, traceback);
}

/* Print the argument of sys.exit(), which is neither a number nor None, to stderr. */
static void print_reason(PyObject *reason)
{
    PyObject *sys_stderr = PySys_GetObject("stderr");
    PyErr_Clear();
    if (sys_stderr && sys_stderr != Py_None)
        PyFile_WriteObject(reason, sys_stderr, Py_PRINT_RAW);
    else
        PyObject_Print(reason, stderr, Py_PRINT_RAW);
    fflush(stderr);
    PySys_WriteStderr("\n");
}

static int code_of(PyObject *reason)
{
    if (!reason || reason == Py_None)
        return 0;
    if (PyLong_Check(reason))
        return (int)PyLong_AsLong(reason);
    print_reason(reason);
    return 1;
}

/* Clear the pending SystemExit, and return its exit code. */
static int take_exit(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    fflush(stdout);
    if (value && PyExceptionInstance_Check(value)) {
        PyObject *code = PyObject_GetAttrString(value, "code");
        if (code) {
            Py_DECREF(value);
            value = code;
        }
    }
    int code = code_of(value);
    PyErr_Restore(type, value, traceback);
    PyErr_Clear();
    return code;
}

/* Run the script as the body of a module. Returns NULL with an exception set. */
static PyObject *run_file(PyObject *globals, const char *path)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    if (PySys_Audit("cpython.run_file", "s", path) < 0)
        return NULL;
    FILE *file = fopen(path, "rb");
    if (!file)
        return PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    return PyRun_FileExFlags(file, path, Py_file_input, globals, globals, 1, &flags);
}

struct script_end script_run(const char *path)
{
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *result = run_file(globals, path);
    struct script_end end = {.interrupted = PyErr_Occurred() == PyExc_KeyboardInterrupt};
    flush_streams();
    if (!result && PyErr_ExceptionMatches(PyExc_SystemExit)) {
        end.code = take_exit(); /* in this case, python3 does not remove __file__ from __main__ */
        return end;
    }
    if (!result) {
        PyErr_Print();
        end.code = 1;
    }
    Py_XDECREF(result);
    forget_names(globals);
    return end;
}

struct script_end script_run_cell(void)
{
    PyObject *module = additions_import(CELL_MODULE);
    PyObject *result = module ? PyObject_CallMethod(module, "run", NULL) : NULL;
    struct script_end end = {.code = 1, .interrupted = false};
    flush_streams();
    if (result)
        end.code = (int)PyLong_AsLong(result);
    else if (PyErr_ExceptionMatches(PyExc_SystemExit))
        end.code = take_exit();
    else
        PyErr_Print();
    end.interrupted = end.code < 0;
    Py_XDECREF(result);
    Py_XDECREF(module);
    return end;
}

void script_serve_session(int control_fd)
{
    PyObject *module = additions_import(SESSION_MODULE);
    PyObject *result = module ? PyObject_CallMethod(module, "run", "i", control_fd) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(module);
}
