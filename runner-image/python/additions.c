#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "additions.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MODULE "mayfly_runtime"

/* A name that ends in '_' is a prefix. */
static const char *const VARIABLES[] = {"MATPLOTLIBRC", "MPLBACKEND", "MPLCONFIGDIR",
                                        "NPY_",         "NUMPY_",     "OPENBLAS_"};
static const char SAME_BACKEND[] = "MPLBACKEND=agg"; /* the value without that variable */
static const char SETTINGS_FILE[] = "matplotlibrc";

static bool exist;

bool additions_load(void)
{
    exist = access(ADDITIONS_FILE, F_OK) == 0;
    PyObject *module = exist ? PyImport_ImportModule(MODULE) : NULL;
    Py_XDECREF(module);
    return module || !exist;
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
