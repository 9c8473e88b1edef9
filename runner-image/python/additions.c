#include "additions.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../protocol.h"

#define MODULE "mayfly_runtime"
#define STEPS_MAX 64

/* Variables that the packages read on import. A name that ends in '_' is a prefix. */
static const char *const VARIABLES[] = {"MATPLOTLIBRC", "MPLBACKEND", "MPLCONFIGDIR",
                                        "NPY_",         "NUMPY_",     "OPENBLAS_"};
static const char SAME_BACKEND[] = "MPLBACKEND=agg"; /* setting this changes nothing */
static const char SETTINGS_FILE[] = "matplotlibrc";

static bool exist;
static PyObject *steps;
static Py_ssize_t weights[STEPS_MAX];
static size_t steps_count;

/* Returns a new reference to the tuple (weight, function). */
static PyObject *step_of(size_t number)
{
    return PySequence_GetItem(steps, (Py_ssize_t)number);
}

static bool load_steps(PyObject *module)
{
    if (!PyObject_HasAttrString(module, "STEPS"))
        return true;
    steps = PyObject_GetAttrString(module, "STEPS");
    Py_ssize_t count = steps ? PySequence_Size(steps) : -1;
    for (Py_ssize_t i = 0; i < count && i < STEPS_MAX; i++) {
        PyObject *step = step_of((size_t)i), *function;
        bool read = step && PyArg_ParseTuple(step, "nO", &weights[i], &function);
        Py_XDECREF(step);
        if (!read)
            return false;
    }
    steps_count = count < 0 ? 0 : count < STEPS_MAX ? (size_t)count : STEPS_MAX;
    return count >= 0;
}

bool additions_load(void)
{
    exist = access(ADDITIONS_FILE, F_OK) == 0;
    PyObject *module = exist ? PyImport_ImportModule(MODULE) : NULL;
    bool loaded = !exist || (module && load_steps(module));
    Py_XDECREF(module);
    return loaded;
}

size_t additions_count(void)
{
    return steps_count;
}

size_t additions_weight(size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (size_t)weights[i];
    return sum;
}

bool additions_do_step(size_t number)
{
    PyObject *step = step_of(number);
    PyObject *function = step ? PyTuple_GetItem(step, 1) : NULL;
    PyObject *result = function ? PyObject_CallNoArgs(function) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(step);
    return result != NULL;
}

bool additions_exist(void)
{
    return exist;
}

static bool call(const char *function, uint64_t number)
{
    PyObject *module = PyImport_ImportModule(MODULE);
    PyObject *result =
        module ? PyObject_CallMethod(module, function, "K", (unsigned long long)number) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(module);
    return result != NULL;
}

bool additions_say_warm(int control_fd)
{
    return call("say_warm", (uint64_t)control_fd);
}

bool additions_begin(bool cold, uint64_t displays_bytes)
{
    return call(cold ? "begin_cold" : "begin", displays_bytes);
}

/* The program's folder, the first entry of sys.path, is removed during the import, so that its
 * files cannot be imported instead. */
PyObject *additions_import(const char *module)
{
    PyObject *path = PySys_GetObject("path");
    PyObject *first = path ? PyList_GetSlice(path, 0, 1) : NULL;
    if (!first || PyList_SetSlice(path, 0, 1, NULL) != 0)
        return NULL;
    PyObject *imported = PyImport_ImportModule(module);
    if (PyList_SetSlice(path, 0, 0, first) != 0)
        Py_CLEAR(imported);
    Py_DECREF(first);
    return imported;
}

bool additions_begin_cell(int control_fd, bool cold, uint64_t displays_bytes)
{
    static const char word = HANDOVER_DISPLAYS;
    PyObject *module = additions_import(DISPLAYS_MODULE);
    PyObject *said = module ? PyObject_CallMethod(module, "say_warm", "iy#", control_fd, &word,
                                                  (Py_ssize_t)sizeof word)
                            : NULL;
    PyObject *begun = said ? PyObject_CallMethod(module, cold ? "begin_cold" : "begin", "K",
                                                 (unsigned long long)displays_bytes)
                           : NULL;
    bool done = begun != NULL;
    Py_XDECREF(begun);
    Py_XDECREF(said);
    Py_XDECREF(module);
    return done;
}

static bool is_variable(struct bytes entry, const char *name)
{
    size_t len = strlen(name);
    if (entry.len <= len || memcmp(entry.data, name, len) != 0)
        return false;
    return name[len - 1] == '_' || entry.data[len] == '=';
}

bool additions_read_variable(struct bytes entry)
{
    size_t len = sizeof SAME_BACKEND - 1;
    if (entry.len == len && strncasecmp((const char *)entry.data, SAME_BACKEND, len) == 0)
        return false;
    for (size_t i = 0; i < sizeof VARIABLES / sizeof VARIABLES[0]; i++) {
        if (is_variable(entry, VARIABLES[i]))
            return true;
    }
    return false;
}

bool additions_read_file(struct bytes path)
{
    return bytes_equal_string(path, SETTINGS_FILE);
}
