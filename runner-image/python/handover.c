#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "handover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../protocol.h"
#include "additions.h"
#include "common/variable.h"
#include "common/wire.h"
#include "shadow.h"

#define FIXED_ARGS 2 /* INTERPRETER_NAME and SCRIPT, before the job's args */
#define READ_BYTES 4096
#define LINE_BUFFERED_VARIABLE "MAYFLY_LINE_BUFFERED"

/* Variables that the interpreter, the C library or the modules above read at their start, so that a
 * job that sets them needs a cold start. A name that ends in '_', and "PYTHON", is a prefix. */
/* The control socket, on which failures are reported to init. Set when the job has arrived. */
static int control_fd = -1;

_Noreturn static void tell_init(const char *what, const char *why)
{
    dprintf(control_fd, "%c%s: %s", HANDOVER_FAILED, what, why);
    _exit(1);
}

_Noreturn void handover_die(const char *what)
{
    const char *why = strerror(errno);
    if (control_fd >= 0)
        tell_init(what, why);
    dprintf(STDERR_FILENO, "python-template: %s: %s\n", what, why);
    _exit(1);
}

_Noreturn void handover_die_of_python(void)
{
    PyObject *type, *value, *traceback;
    if (control_fd < 0) {
        PyErr_Print();
        _exit(1);
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    const char *why = text ? PyUnicode_AsUTF8(text) : NULL;
    tell_init(type && PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : "the interpreter",
              why ? why : "no reason known");
}

/* Skip HANDOVER_CALL bytes before the job: init called after the template had stopped listening for
 * calls. */
static void skip_calls(struct buf *message)
{
    while (message->len > 0 && buf_bytes(message).data[0] == HANDOVER_CALL)
        buf_consume(message, 1);
}

/* Wait for the job. The returned bytes are borrowed from `message`. At EOF, init has ended, and
 * this process exits. */
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
        skip_calls(message);
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

/* Returns true if the variable NAME=value is read at the start. */
static bool is_read_at_start(struct bytes entry)
{
    const uint8_t *equals = memchr(entry.data, '=', entry.len);
    size_t len = equals ? (size_t)(equals - entry.data) : entry.len;
    return variable_is_read_at_start(bytes_of(entry.data, len));
}

static bool needs_variables_at_start(struct bytes fields)
{
    bool added = additions_exist();
    uint16_t tag;
    struct bytes value;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == WIRE_TAG_ENV &&
            (is_read_at_start(value) || (added && additions_read_variable(value))))
            return true;
    }
    return false;
}

static bool has_file_for_additions(struct bytes fields)
{
    uint16_t tag;
    struct bytes value;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == WIRE_TAG_FILE_PATH && additions_read_file(value))
            return true;
    }
    return false;
}

static bool needs_cold_start(struct bytes fields)
{
    return needs_variables_at_start(fields) ||
           (additions_exist() && has_file_for_additions(fields)) || shadow_exists(fields);
}

/* Returns the field's number; 0 if the field is missing. */
static uint64_t number_of(struct bytes fields, enum wire_tag wanted)
{
    uint16_t tag;
    struct bytes value;
    uint64_t number = 0;
    while (wire_next(&fields, &tag, &value)) {
        if (tag == wanted && !wire_get_u64(value, &number))
            handover_die("the job's number");
    }
    return number;
}

/* Returns the command line that the program will see: python3 /box/main.py ARG... The array and its
 * strings are on the heap. */
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

static enum handover_kind kind_of(struct bytes fields)
{
    if (number_of(fields, WIRE_TAG_SESSION_MS) != 0)
        return HANDOVER_SESSION;
    return number_of(fields, WIRE_TAG_CELL) != 0 ? HANDOVER_CELL : HANDOVER_SCRIPT;
}

/* Returns true if the job needs a cold start. A session's files come and go, so a file with the
 * name of a module does not require one; such a file is ignored if the module is imported
 * already. */
static bool must_be_cold(struct bytes fields, enum handover_kind kind)
{
    if (kind != HANDOVER_SESSION)
        return needs_cold_start(fields);
    if (needs_variables_at_start(fields))
        tell_init("its environment", "it has a variable that Python reads at its start");
    return false;
}

/* A cold cell executes our module for cells instead of the script. */
static void name_cell(char **argv)
{
    free(argv[1]);
    argv[1] = strdup(CELL_FILE);
}

/* Set up the program's displays. */
static bool begin_displays(struct bytes fields, bool cold, bool is_cell)
{
    uint64_t bytes = number_of(fields, WIRE_TAG_DISPLAYS_BYTES);
    if (additions_exist())
        return additions_begin(cold, bytes);
    return !is_cell || additions_begin_cell(control_fd, cold, bytes);
}

/* Set a variable NAME=value in the C environment, in posix.environ (as bytes) and in os.environ, if
 * os_environ is not NULL. */
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
    /* this also calls setenv(3) */
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

/* Set the list sys.`name` to argv[from:]. */
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

/* Send stderr to stdout's pipe, so that both keep their common order. */
static void merge_output(void)
{
    if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        handover_die("merging the outputs");
}

/* Make stdout line-buffered, as on a terminal. */
static void buffer_lines(void)
{
    PyObject *stdout_stream = PySys_GetObject("stdout");
    PyObject *reconfigure =
        stdout_stream ? PyObject_GetAttrString(stdout_stream, "reconfigure") : NULL;
    PyObject *none = PyTuple_New(0);
    PyObject *settings = Py_BuildValue("{s:O}", "line_buffering", Py_True);
    PyObject *result =
        reconfigure && none && settings ? PyObject_Call(reconfigure, none, settings) : NULL;
    if (!result)
        handover_die_of_python();
    Py_DECREF(result);
    Py_DECREF(settings);
    Py_DECREF(none);
    Py_DECREF(reconfigure);
}

/* Execute a new interpreter. Ignored signals would stay ignored across exec, so restore them.
 * LINE_BUFFERED_VARIABLE tells the new interpreter to buffer lines; it removes that variable
 * (mayfly_start.pth). */
static _Noreturn void run_cold(char *const argv[], bool line_buffered)
{
    static const char cold = HANDOVER_COLD;
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    if (line_buffered && setenv(LINE_BUFFERED_VARIABLE, "1", 1) != 0)
        handover_die("environment");
    if (write(control_fd, &cold, 1) != 1)
        handover_die("telling of a cold start");
    execv(INTERPRETER, argv);
    handover_die(INTERPRETER);
}

enum handover_kind handover_take(int fd, uint64_t *secret)
{
    struct buf message;
    buf_init(&message, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    struct bytes fields = receive(fd, &message, secret);
    control_fd = fd;
    size_t count;
    char **argv = command_line(fields, &count);
    apply_environment(fields);
    enum handover_kind kind = kind_of(fields);
    bool cold = must_be_cold(fields, kind);
    bool line_buffered = number_of(fields, WIRE_TAG_LINE_BUFFERED) != 0;
    /* A session does so for each cell that asks for it. */
    if (kind != HANDOVER_SESSION && number_of(fields, WIRE_TAG_OUTPUT_MERGED))
        merge_output();
    if (!begin_displays(fields, cold, kind != HANDOVER_SCRIPT))
        handover_die_of_python();
    if (cold && kind == HANDOVER_CELL)
        name_cell(argv);
    if (cold)
        run_cold(argv, line_buffered);
    if (line_buffered)
        buffer_lines();
    set_list("argv", argv, 1, count);
    set_list("orig_argv", argv, 0, count);
    free_command_line(argv);
    buf_release(&message);
    return kind;
}

void handover_end(void)
{
    close(control_fd);
    control_fd = -1;
}
