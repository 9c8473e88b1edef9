#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE /* declares the collector's lists, audit hooks and filters of warnings */
#include <Python.h>

#include "remains.h"

#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>

#include <stddef.h>

/* Do not examine more objects than this: destroying so many takes longer than what is saved. */
#define OBJECTS_MAX 20000

/* Types implemented in C whose objects have no effect when they are destroyed, except to release
 * other objects. Exceptions count as such, too. */
static PyTypeObject *const PLAIN_TYPES[] = {
    &PyBaseObject_Type,   &PyDict_Type,         &PyList_Type,
    &PyTuple_Type,        &PyFunction_Type,     &PyType_Type,
    &PyModule_Type,       &PyCell_Type,         &PyCFunction_Type,
    &PyMethod_Type,       &PySet_Type,          &PyFrozenSet_Type,
    &PyGetSetDescr_Type,  &PyMemberDescr_Type,  &PyProperty_Type,
    &PyStaticMethod_Type, &PyClassMethod_Type,  &PyClassMethodDescr_Type,
    &PyMethodDescr_Type,  &PyWrapperDescr_Type, &PyDictProxy_Type,
    &PyODict_Type,        &PyFrame_Type,        &PyTraceBack_Type,
    &PySlice_Type,        &PyLong_Type,         &PyFloat_Type,
    &PyUnicode_Type,      &PyBytes_Type,        &_PyWeakref_RefType,
};

/* More such types, which C cannot name: they are looked up in their modules. */
static const char *const PLAIN_NAMES[][2] = {
    {"collections", "deque"}, {"collections", "defaultdict"},
    {"functools", "partial"}, {"io", "StringIO"},
    {"io", "BytesIO"},
};
static PyTypeObject *found_types[sizeof PLAIN_NAMES / sizeof PLAIN_NAMES[0]];

/* The classes of all warm objects. None has a __del__, unless the program adds one. */
static PyTypeObject **warm_classes;
static size_t warm_count;
/* the deallocator that CPython uses for instances of all Python classes */
static destructor class_dealloc;
static long filters_version;

static bool find_types(void)
{
    for (size_t i = 0; i < sizeof PLAIN_NAMES / sizeof PLAIN_NAMES[0]; i++) {
        PyObject *module = PyImport_ImportModule(PLAIN_NAMES[i][0]);
        PyObject *type = module ? PyObject_GetAttrString(module, PLAIN_NAMES[i][1]) : NULL;
        Py_XDECREF(module);
        if (!type)
            return false;
        /* the reference is held for the life of the process */
        found_types[i] = (PyTypeObject *)type;
    }
    return true;
}

static bool is_class(const PyTypeObject *type)
{
    return type->tp_flags & Py_TPFLAGS_HEAPTYPE;
}

static bool has_destructor(const PyTypeObject *type)
{
    return type->tp_finalize || type->tp_del;
}

static bool is_among(PyTypeObject *const types[], size_t count, const PyTypeObject *wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (types[i] == wanted)
            return true;
    }
    return false;
}

/* Collect the classes of these objects. There are only about a hundred, so the list may be searched
 * from its start. */
static bool find_classes(PyObject *objects)
{
    size_t capacity = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects); i++) {
        PyTypeObject *type = Py_TYPE(PyList_GET_ITEM(objects, i));
        if (!is_class(type) || has_destructor(type) || is_among(warm_classes, warm_count, type))
            continue;
        if (warm_count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            PyTypeObject **more = PyMem_RawRealloc(warm_classes, capacity * sizeof(PyTypeObject *));
            if (!more) {
                PyErr_NoMemory();
                return false;
            }
            warm_classes = more;
        }
        Py_INCREF(type);
        warm_classes[warm_count++] = type;
    }
    return true;
}

static bool find_dealloc(void)
{
    PyObject *os = PyImport_ImportModule("os");
    PyObject *class = os ? PyObject_GetAttrString(os, "_Environ") : NULL;
    Py_XDECREF(os);
    if (!class)
        return false;
    class_dealloc = ((PyTypeObject *)class)->tp_dealloc;
    Py_DECREF(class);
    return true;
}

bool remains_expect(void)
{
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *objects = gc ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
    bool done = objects && find_dealloc() && find_types() && find_classes(objects);
    Py_XDECREF(objects);
    Py_XDECREF(gc);
    return done;
}

void remains_let_go(void)
{
    while (warm_count > 0)
        Py_DECREF(warm_classes[--warm_count]);
}

void remains_begin(void)
{
    filters_version = PyInterpreterState_Get()->warnings.filters_version;
}

static bool is_found(const PyTypeObject *type)
{
    return is_among(found_types, sizeof found_types / sizeof found_types[0], type);
}

/* Returns true if destroying an instance of this type has no effect. */
static bool ends_silently(PyTypeObject *type)
{
    if (is_found(type))
        return true;
    if (has_destructor(type))
        return false;
    while (is_class(type) && type->tp_dealloc == class_dealloc)
        type = type->tp_base;
    return is_among(PLAIN_TYPES, sizeof PLAIN_TYPES / sizeof PLAIN_TYPES[0], type) ||
           is_found(type) ||
           (!is_class(type) && PyType_IsSubtype(type, (PyTypeObject *)PyExc_BaseException));
}

/* Returns true if destroying this object has no effect. A class is checked as well: its instances
 * may be unknown to the collector. */
static bool is_silent(PyObject *object)
{
    if (PyType_Check(object) && has_destructor((PyTypeObject *)object))
        return false;
    if (PyWeakref_Check(object) && ((PyWeakReference *)object)->wr_callback)
        return false;
    return ends_silently(Py_TYPE(object));
}

static bool are_silent(PyGC_Head *head, size_t *left)
{
    for (PyGC_Head *at = _PyGCHead_NEXT(head); at != head; at = _PyGCHead_NEXT(at)) {
        if ((*left)-- == 0 || !is_silent((PyObject *)(at + 1)))
            return false;
    }
    return true;
}

static bool warm_classes_are_unchanged(void)
{
    for (size_t i = 0; i < warm_count; i++) {
        if (has_destructor(warm_classes[i]))
            return false;
    }
    return true;
}

/* Returns true if a tool of sys.monitoring (CPython 3.12 and later) is active: it is called like a
 * trace function. */
static bool is_monitored(const PyInterpreterState *interpreter)
{
#if PY_VERSION_HEX >= 0x030C0000
    for (size_t i = 0; i < PY_MONITORING_TOOL_IDS; i++) {
        if (interpreter->monitoring_tool_names[i])
            return true;
    }
#else
    (void)interpreter;
#endif
    return false;
}

/* Returns true if something observes the interpreter's end: trace functions, audit hooks, callbacks
 * of the collector, or changed warning filters. */
static bool is_watched(const PyThreadState *thread, const PyInterpreterState *interpreter)
{
    const struct _gc_runtime_state *gc = &interpreter->gc;
    return thread->c_tracefunc || thread->c_profilefunc || is_monitored(interpreter) ||
           interpreter->audit_hooks || gc->debug ||
           (gc->callbacks && PyList_GET_SIZE(gc->callbacks) > 0) ||
           interpreter->warnings.filters_version != filters_version;
}

bool remains_are_silent(void)
{
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    if (is_watched(PyThreadState_Get(), interpreter) || !warm_classes_are_unchanged())
        return false;
    size_t left = OBJECTS_MAX;
    for (size_t i = 0; i < NUM_GENERATIONS; i++) {
        if (!are_silent(&interpreter->gc.generations[i].head, &left))
            return false;
    }
    return true;
}
