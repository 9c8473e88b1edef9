#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "handover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../protocol.h"
#include "additions.h"
#include "common/wire.h"

#define FIXED_ARGS 2 /* INTERPRETER_NAME and SCRIPT, in front of the job's args */
#define READ_BYTES 4096

/* Read when the interpreter, the C library or the modules above start. A name that ends in '_'
 * or is "PYTHON" is a prefix. */
static const char *const START_PREFIXES[] = {"PYTHON", "LC_",      "LD_",   "MALLOC_",
                                             "GLIBC_", "OPENSSL_", "GCONV_"};
static const char *const START_NAMES[] = {"LANG",    "LANGUAGE", "LOCPATH", "NLSPATH",
                                          "CHARSET", "HOME",     "TZ",      "TZDIR"};

/* Where failures are told: -1 is stderr, which init reads as long as there is no job. From then on
 * stderr is the program's. */
static int failures_fd = -1;

static _Noreturn void die(int number, const char *what, const char *reason)
{
    char text[FAILURE_BYTES];
    if (failures_fd < 0) {
        dprintf(STDERR_FILENO, "python-template: %s: %s\n", what, reason);
        _exit(1);
    }
    int len = snprintf(text, sizeof text, "%c%s: %s", number, what, reason);
    size_t size = len < (int)sizeof text ? (size_t)len : sizeof text - 1;
    if (send(failures_fd, text, size, MSG_NOSIGNAL) < 0)
        _exit(2);
    _exit(1);
}

_Noreturn void handover_die(const char *what)
{
    die(errno & 0xff, what, strerror(errno));
}

_Noreturn void handover_die_of_python(void)
{
    PyObject *type, *value, *traceback;
    if (failures_fd < 0) {
        PyErr_Print();
        _exit(1);
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    const char *reason = text ? PyUnicode_AsUTF8(text) : NULL;
    bool lacks_memory = type && PyErr_GivenExceptionMatches(type, PyExc_MemoryError);
    die(lacks_memory ? ENOMEM : 0, "the interpreter", reason ? reason : "an exception");
}

/* Wait for the job; the frame's payload lends from `message`. An EOF is init's end: ours too. */
static struct bytes receive(int fd, struct buf *message, uint64_t *secret)
{
    struct frame frame;
    size_t used;
    for (;;) {
        long len = buf_read_fd(message, fd, READ_BYTES);
        if (len == 0)
            _exit(0);
        if (len < 0 && errno != EINTR)
            handover_die("reading the job");
        struct bytes got = buf_bytes(message);
        enum wire_result result =
            wire_parse(got.data, got.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used);
        if (result == WIRE_BAD)
            handover_die("the job is no frame");
        if (result == WIRE_FRAME) {
            *secret = frame.run_id;
            return frame.payload;
        }
    }
}

static bool begins_with(struct bytes entry, const char *prefix)
{
    size_t len = strlen(prefix);
    return entry.len >= len && memcmp(entry.data, prefix, len) == 0;
}

/* entry is NAME=value. */
static bool is_read_at_start(struct bytes entry)
{
    for (size_t i = 0; i < sizeof START_PREFIXES / sizeof START_PREFIXES[0]; i++) {
        if (begins_with(entry, START_PREFIXES[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof START_NAMES / sizeof START_NAMES[0]; i++) {
        size_t len = strlen(START_NAMES[i]);
        if (begins_with(entry, START_NAMES[i]) && entry.len > len && entry.data[len] == '=')
            return true;
    }
    return false;
}

/* Whether importing `path` (json.py, json/__init__.py, json.cpython-311-….so) would give
 * something else than what is imported already. */
static bool shadows_import(struct bytes path)
{
    size_t len = 0;
    while (len < path.len && path.data[len] != '/' && path.data[len] != '.')
        len++;
    PyObject *name = PyUnicode_DecodeFSDefaultAndSize((const char *)path.data, (Py_ssize_t)len);
    int imported = name ? PyDict_Contains(PyImport_GetModuleDict(), name) : -1;
    Py_XDECREF(name);
    if (imported < 0)
        handover_die_of_python();
    return imported == 1;
}

static bool needs_cold_start(struct bytes fields)
{
    bool added = additions_exist();
    uint16_t tag;
    struct bytes value;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == WIRE_TAG_ENV &&
            (is_read_at_start(value) || (added && additions_read_variable(value))))
            return true;
        if (tag == WIRE_TAG_FILE_PATH &&
            (shadows_import(value) || (added && additions_read_file(value))))
            return true;
    }
    return false;
}

/* The number of the field `wanted`, 0 when there is none. */
static uint64_t number_of(struct bytes fields, enum wire_tag wanted)
{
    uint16_t tag;
    struct bytes value;
    uint64_t number = 0;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == wanted && !wire_get_u64(value, &number))
            handover_die("a field of the job is no number");
    }
    return number;
}

/* One pipe for both streams: what is written to them stays in its order. */
static void merge_output(void)
{
    if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        handover_die("merging the outputs");
}

/* The command line that the program sees: python3 /box/main.py ARG... Each string is owned by
 * the array. */
static char **command_line(struct bytes fields, size_t *count)
{
    struct bytes rest = fields;
    uint16_t tag;
    struct bytes value;
    *count = FIXED_ARGS;
    while (wire_next(&rest, &tag, &value))
        *count += tag == WIRE_TAG_ARG;
    char **argv = calloc(*count + 1, sizeof *argv);
    if (!argv)
        handover_die("args");
    size_t next = 0;
    argv[next++] = strdup(INTERPRETER_NAME);
    argv[next++] = strdup(SCRIPT);
    while (wire_next(&fields, &tag, &value)) {
        if (tag == WIRE_TAG_ARG)
            argv[next++] = strndup((const char *)value.data, value.len);
    }
    return argv;
}

static void free_command_line(char **argv)
{
    for (char **arg = argv; *arg; arg++)
        free(*arg);
    free(argv);
}

/* One variable into the C environment, into posix.environ (bytes) and, with os_environ, into
 * os.environ. */
static bool put_variable(char *entry, PyObject *os_environ, PyObject *posix_environ)
{
    char *equals = strchr(entry, '=');
    if (!equals)
        return true;
    *equals = '\0';
    const char *text = equals + 1;
    PyObject *name_bytes = PyBytes_FromString(entry);
    PyObject *value_bytes = PyBytes_FromString(text);
    PyObject *name = PyUnicode_DecodeFSDefault(entry);
    PyObject *value = PyUnicode_DecodeFSDefault(text);
    /* os.environ's own assignment calls setenv(3). */
    bool put = name_bytes && value_bytes && name && value &&
               PyObject_SetItem(os_environ, name, value) == 0 &&
               PyObject_SetItem(posix_environ, name_bytes, value_bytes) == 0;
    Py_XDECREF(name_bytes);
    Py_XDECREF(value_bytes);
    Py_XDECREF(name);
    Py_XDECREF(value);
    return put;
}

static PyObject *attribute_of(const char *module_name, const char *attribute)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *found = module ? PyObject_GetAttrString(module, attribute) : NULL;
    Py_XDECREF(module);
    if (!found)
        handover_die_of_python();
    return found;
}

static bool has_variables(struct bytes fields)
{
    uint16_t tag;
    struct bytes value;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == WIRE_TAG_ENV)
            return true;
    }
    return false;
}

static void apply_environment(struct bytes fields)
{
    if (!has_variables(fields))
        return;
    PyObject *os_environ = attribute_of("os", "environ");
    PyObject *posix_environ = attribute_of("posix", "environ");
    uint16_t tag;
    struct bytes value;
    while (wire_next(&fields, &tag, &value)) {
        if (tag != WIRE_TAG_ENV)
            continue;
        char *entry = strndup((const char *)value.data, value.len);
        if (!entry || !put_variable(entry, os_environ, posix_environ))
            handover_die_of_python();
        free(entry);
    }
    Py_DECREF(os_environ);
    Py_DECREF(posix_environ);
}

/* sys.`name` = argv[from:] */
static void set_list(const char *name, char *const argv[], size_t from, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)(count - from));
    for (size_t i = from; list && i < count; i++) {
        PyObject *text = PyUnicode_DecodeFSDefault(argv[i]);
        if (!text)
            handover_die_of_python();
        PyList_SET_ITEM(list, (Py_ssize_t)(i - from), text);
    }
    if (!list || PySys_SetObject(name, list) != 0)
        handover_die_of_python();
    Py_DECREF(list);
}

/* What the interpreter ignores stays ignored across exec, so that must be undone. */
static _Noreturn void run_cold(char *const argv[])
{
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execv(INTERPRETER, argv);
    handover_die(INTERPRETER);
}

void handover_take(int fd, uint64_t *secret)
{
    struct buf message;
    buf_init(&message, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    struct bytes fields = receive(fd, &message, secret);
    failures_fd = fd;
    size_t count;
    char **argv = command_line(fields, &count);
    apply_environment(fields);
    bool cold = needs_cold_start(fields);
    if (number_of(fields, WIRE_TAG_OUTPUT_MERGED))
        merge_output();
    if (additions_exist() && !additions_begin(cold, number_of(fields, WIRE_TAG_DISPLAYS_BYTES)))
        handover_die_of_python();
    if (cold)
        run_cold(argv);
    set_list("argv", argv, 1, count);
    set_list("orig_argv", argv, 0, count);
    free_command_line(argv);
    buf_release(&message);
}

void handover_end(void)
{
    close(failures_fd);
    failures_fd = -1;
}
