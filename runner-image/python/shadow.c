#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "shadow.h"

#include <string.h>

#include "common/wire.h"
#include "handover.h"

/* Returns true for a built-in module: no file can shadow it, because the interpreter finds it
 * first. */
static bool is_built_in(PyObject *module)
{
    PyObject *spec = PyObject_GetAttrString(module, "__spec__");
    PyObject *origin = spec ? PyObject_GetAttrString(spec, "origin") : NULL;
    bool built_in = origin && PyUnicode_Check(origin) &&
                    (PyUnicode_CompareWithASCIIString(origin, "built-in") == 0 ||
                     PyUnicode_CompareWithASCIIString(origin, "frozen") == 0);
    Py_XDECREF(origin);
    Py_XDECREF(spec);
    PyErr_Clear();
    return built_in;
}

static bool is_imported_from_file(struct bytes module_name)
{
    PyObject *name = PyUnicode_DecodeFSDefaultAndSize((const char *)module_name.data,
                                                      (Py_ssize_t)module_name.len);
    PyObject *module = name ? PyDict_GetItemWithError(PyImport_GetModuleDict(), name) : NULL;
    Py_XDECREF(name);
    if (!module && PyErr_Occurred())
        handover_die_of_python();
    return module && !is_built_in(module);
}

static bool is_suffix(struct bytes text, PyObject *suffixes)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(suffixes); i++) {
        const char *suffix = PyUnicode_AsUTF8(PyList_GET_ITEM(suffixes, i));
        if (suffix && bytes_equal_string(text, suffix))
            return true;
    }
    return false;
}

/* Returns true if importing from `path` (json.py, json/__init__.py, json.cpython-313-….so) would
 * give a different module than the one that is imported already. A folder without __init__ never
 * does: Python prefers a module found elsewhere. */
static bool shadows_import(struct bytes path, PyObject *suffixes)
{
    static const char initializer[] = "/__init__";
    const size_t initializer_len = sizeof initializer - 1;
    size_t len = 0;
    while (len < path.len && path.data[len] != '/' && path.data[len] != '.')
        len++;
    struct bytes rest = bytes_of(path.data + len, path.len - len);
    if (rest.len > initializer_len && memcmp(rest.data, initializer, initializer_len) == 0)
        rest = bytes_of(rest.data + initializer_len, rest.len - initializer_len);
    return is_suffix(rest, suffixes) && is_imported_from_file(bytes_of(path.data, len));
}

/* Returns the file name suffixes of modules: ".py", ".pyc", and those of extension modules. */
static PyObject *module_suffixes(void)
{
    PyObject *imp = PyImport_ImportModule("_imp");
    PyObject *suffixes = imp ? PyObject_CallMethod(imp, "extension_suffixes", NULL) : NULL;
    PyObject *of_python = Py_BuildValue("[ss]", ".py", ".pyc");
    PyObject *all = suffixes && of_python ? PySequence_Concat(of_python, suffixes) : NULL;
    Py_XDECREF(of_python);
    Py_XDECREF(suffixes);
    Py_XDECREF(imp);
    if (!all)
        handover_die_of_python();
    return all;
}

bool shadow_exists(struct bytes fields)
{
    uint16_t tag;
    struct bytes value;
    PyObject *suffixes = NULL;
    bool found = false;
    while (!found && wire_next(&fields, &tag, &value)) {
        if (tag != WIRE_TAG_FILE_PATH)
            continue;
        if (!suffixes)
            suffixes = module_suffixes();
        found = shadows_import(value, suffixes);
    }
    Py_XDECREF(suffixes);
    return found;
}
