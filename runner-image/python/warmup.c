#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "warmup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "additions.h"
#include "common/number.h"
#include "control.h"
#include "successor.h"

/* Wait before the first step. A box that a run is waiting for gets its job within this time, and is
 * not delayed by an import. */
#define FIRST_PAUSE_MS 5
/* If a step had to wait for its core, a pause of this many times the wait follows. */
#define PAUSE_FACTOR 2
#define PAUSE_MOST_MS 20
#define NS_PER_MS UINT64_C(1000000)
#define NO_LIMIT SIZE_MAX

/* Ordered roughly by how often programs import them. A module that takes long to import comes
 * before the modules that need it, so that each step is short. Modules that register an exit
 * handler when imported (logging, concurrent.futures, multiprocessing, and asyncio, which imports
 * them) are left out, because the order of the program's exit handlers would change. Most of the
 * modules that they import are in the list. */
/* clang-format off */
static const char *const MODULES[] = {
    "collections", "functools", "threading", "time", "math", "itertools", "operator", "enum", "re",
    "json", "warnings", "bisect", "random", "datetime", "string", "collections.abc", "contextlib",
    "typing", "types", "weakref", "copy", "heapq", "abc", "ast", "dis", "token", "tokenize",
    "linecache", "inspect", "dataclasses", "textwrap", "traceback", "numbers", "decimal", "errno",
    "fnmatch", "urllib.parse", "pathlib", "io", "os", "stat", "struct", "binascii", "base64",
    "hashlib", "fractions", "statistics", "csv", "locale", "signal", "select", "selectors", "fcntl",
    "subprocess", "argparse", "zlib", "shutil", "tempfile", "glob", "pprint", "platform", "uuid",
    "calendar", "html", "queue", "hmac", "secrets", "array", "socket", "pickle", "difflib",
    "unicodedata", "timeit", "gc", "cmath", "shlex", "reprlib", "contextvars", "keyword",
    "importlib.util", "resource", "getopt", "_strptime", "__future__",
};
/* clang-format on */
#define MODULES_COUNT (sizeof MODULES / sizeof MODULES[0])

static size_t steps_limit = NO_LIMIT;
static size_t modules_done, additions_done;
static bool is_called;

void warmup_configure(void)
{
    const char *text = getenv(WARMUP_STEPS_VARIABLE);
    uint64_t limit;
    if (!text)
        return;
    if (number_parse_uint(text, strlen(text), &limit))
        steps_limit = limit;
    unsetenv(WARMUP_STEPS_VARIABLE);
}

bool warmup_is_untouched(void)
{
    return modules_done + additions_done == 0;
}

unsigned warmup_percent(void)
{
    size_t all = MODULES_COUNT + additions_weight(additions_count());
    return (unsigned)(100 * (modules_done + additions_weight(additions_done)) / all);
}

static uint64_t ns_of(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000 * NS_PER_MS + (uint64_t)now.tv_nsec;
}

/* Returns for how long this process has not been running on a CPU since it started. */
static uint64_t idle_ns(void)
{
    return ns_of(CLOCK_MONOTONIC) - ns_of(CLOCK_PROCESS_CPUTIME_ID);
}

static int pause_after(uint64_t idle_before_ns)
{
    uint64_t pause_ms = (idle_ns() - idle_before_ns) * PAUSE_FACTOR / NS_PER_MS;
    return pause_ms < PAUSE_MOST_MS ? (int)pause_ms : PAUSE_MOST_MS;
}

static bool import(const char *name)
{
    PyObject *module = PyImport_ImportModule(name);
    Py_XDECREF(module);
    return module != NULL;
}

/* Returns true when the warm-up must end. If a test limits the number of steps, init's calls are
 * ignored until the limit is reached. */
static bool must_stop(int pause_ms)
{
    if (steps_limit == NO_LIMIT)
        is_called = control_is_called(pause_ms);
    else if (modules_done + additions_done >= steps_limit)
        is_called = control_is_called(-1);
    return is_called;
}

static bool import_modules(void)
{
    int pause_ms = FIRST_PAUSE_MS;
    while (modules_done < MODULES_COUNT && !must_stop(pause_ms)) {
        uint64_t before_ns = idle_ns();
        if (!import(MODULES[modules_done]))
            return false;
        modules_done++;
        pause_ms = pause_after(before_ns);
    }
    return true;
}

/* Run the additions' steps. The warm-up ends if a child dies in the middle of its step, for example
 * because memory is out. */
static bool do_additions(void)
{
    while (additions_done < additions_count() && !must_stop(0)) {
        enum attempt attempt = successor_attempt(steps_limit == NO_LIMIT);
        if (attempt != ATTEMPT_IS_CHILD) {
            is_called = attempt == ATTEMPT_WAS_CALLED;
            return attempt != ATTEMPT_FAILED;
        }
        if (!additions_do_step(additions_done) || !successor_take_over())
            return false;
        additions_done++;
    }
    return true;
}

bool warmup_run(void)
{
    PyGC_Disable();
    return import_modules() && do_additions();
}

bool warmup_was_called(void)
{
    return is_called;
}
