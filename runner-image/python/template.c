/* template.c - the warm Python interpreter: started early, it becomes the program.
 *
 *   python-template            fds 0, 1, 2 are the program's; fd 3 is a socket to mayfly-init
 *
 * The program must behave byte for byte as under `python3 /box/main.py`. So this file does the
 * steps of that command: it embeds CPython, configures it with the same command line and
 * initialises it. It stops where python3 would open the script, and reports "ready" with one byte
 * on fd 3. While no job waits it imports the common standard modules (warmup.h). Then a child takes
 * the process's place (successor.h), and reports "warm" with another byte. The job comes as a frame
 * of args, environment and file names. By then the source is in /box/main.py, and stdin, a file,
 * has its content. fd 3 is closed, and script.c does the rest as python3 does. All of this is C, so
 * that the program's tracebacks have no extra frame.
 *
 * Some jobs cannot run faithfully in a warm interpreter: those with environment variables that the
 * interpreter or the C library reads at its start, or with files named like an imported module. For
 * them the process executes the real python3 instead: a cold start.
 *
 * A program can notice these differences from a cold start:
 *
 *   sys.modules            has more entries: the warm modules. So have __subclasses__() and
 *                          sys.path_importer_cache
 *   a file in /box         that the program itself writes and then imports is ignored if it has
 *                          the name of a warm module: the standard module is used
 *   gc.get_freeze_count()  is not 0, and gc.get_objects() is shorter (warmth.h)
 *   threading._shutdown    is a built-in function (warmth.c)
 *   sys.setprofile()       settrace() and monitoring, if left on, see the shutdown of threading,
 *                          even if the program did not import it
 *   /proc/self/stat        says that it started when the box was made ready, before the request
 *   getrusage().ru_maxrss  begins with the warm modules, some megabytes; ru_minflt with the pages
 *                          that were mapped ahead. CPU clocks begin with the milliseconds that this
 *                          took: less than python3 needs until it opens a script
 *   /proc/self/exe         is this file
 *
 * An image with packages of its own (additions.h) has them warm too. That adds:
 *
 *   builtins.display       exists, and so does its module, which holds a descriptor with a high
 *                          number and has replaced matplotlib's show()
 *   exit handlers          of warm packages exist, and run after the program's
 *   warnings.filters       and sys.meta_path contain what the packages have added
 *   __del__                of an object that the program has put into a warm module is not called
 *                          (warmth.h)
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../protocol.h"
#include "additions.h"
#include "control.h"
#include "handover.h"
#include "script.h"
#include "successor.h"
#include "warmth.h"
#include "warmup.h"
#include "zygote.h"

/* Py_RunMain() returns the first if the streams could not be flushed. A shell reports the second
 * plus the signal's number for a killed process. */
#define FLUSH_FAILED_CODE 120
#define SIGNALED_CODE_BASE 128
/* Init does not accept a farewell if another process exists, so wait for the stop only this long.
 */
#define REST_MS 10

/* The farewell contains this secret. Only this process sends it: a fork of the program must not. */
static uint64_t farewell_secret;
static pid_t farewell_pid;
static bool farewell_said;
static uint64_t farewell_begun_us;
/* resource usage of the child processes that were started by imports and waited for */
static struct rusage warm_children;

/* If this process was started under another name, execute this file again as "python3
 * /box/main.py". Then /proc/self/cmdline is right, and everything that the C library derives from
 * argv. */
static void become_namesake(char *const argv[])
{
    char name[] = INTERPRETER_NAME;
    char script[] = SCRIPT;
    char *const new_argv[] = {name, script, NULL};
    if (strcmp(argv[0], INTERPRETER_NAME) == 0)
        return;
    execv(argv[0], new_argv);
    handover_die(argv[0]);
}

/* Initialise the interpreter exactly as python3's main() does for its command line. */
static void initialize(int argc, char *const argv[])
{
    PyPreConfig preconfig;
    PyPreConfig_InitPythonConfig(&preconfig);
    PyStatus status = Py_PreInitializeFromBytesArgs(&preconfig, argc, (char **)argv);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    status = PyConfig_SetBytesArgv(&config, argc, argv);
#if PY_VERSION_HEX >= 0x030C0000
    /* Py_RunMain() sets this later, after it has looked at the script. */
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(&config, &config.sys_path_0, SCRIPT_FOLDER);
#endif
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
}

/* The script's result, valid when script_has_ended is true. */
static struct script_end script_end;
static bool script_has_ended;

/* Returns this process's CPU time. Only the process itself can read an exact value; the kernel
 * updates what others see when the process leaves its core. */
static uint64_t cpu_us(void)
{
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* Send the farewell. Runs as an exit handler of C, after all those that the program can have
 * registered, when the interpreter is finalised and flushed. A program that had child processes
 * sends none: their CPU time is counted only when this process dies. */
static void say_farewell(int status, void *unused)
{
    (void)unused;
    struct rusage children;
    if (farewell_said)
        return;
    /* Each child process has had at least one page fault. */
    bool had_children =
        getrusage(RUSAGE_CHILDREN, &children) != 0 || children.ru_minflt != warm_children.ru_minflt;
    if (getpid() != farewell_pid || had_children)
        return;
    fflush(NULL);
    uint64_t used_us = cpu_us() - farewell_begun_us;
    if (used_us > FAREWELL_CPU_MOST_US)
        used_us = FAREWELL_CPU_MOST_US;
    uint64_t value =
        farewell_secret | used_us << FAREWELL_CPU_SHIFT | ((uint64_t)status & FAREWELL_CODE_MASK);
    farewell_said = true;
    sigqueue(getppid(), FAREWELL_SIGNAL, (union sigval){.sival_ptr = (void *)(uintptr_t)value});
    /* Let init run, if it waits for this core. Otherwise this process would free its memory first,
     * because the scheduler does not interrupt a process that is so young. */
    sched_yield();
}

/* Wait until init has accepted the farewell and stopped this process. To finalise the interpreter
 * meanwhile would cost more CPU time than a small program. If no stop comes, the end continues. */
static void rest(void)
{
    poll(NULL, 0, REST_MS);
}

static void on_silent_end(void)
{
    if (farewell_said || !script_has_ended || script_end.interrupted)
        return;
    say_farewell(script_end.code, NULL);
    if (farewell_said)
        rest();
}

/* Called when the interpreter drops its own dictionary, after the last module and object of the
 * program. Another millisecond of cleanup follows, which nobody can observe. */
static void on_interpreter_cleared(PyObject *capsule)
{
    (void)capsule;
    warmth_flush();
    if (warmth_ends_quietly())
        on_silent_end();
}

static bool expect_interpreter_cleared(void)
{
    PyObject *own = PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyObject *capsule = PyCapsule_New(&farewell_pid, NULL, on_interpreter_cleared);
    bool done = own && capsule && PyDict_SetItemString(own, "mayfly", capsule) == 0;
    Py_XDECREF(capsule);
    return done;
}

/* Finish the warm-up. If nothing was imported, no successor is needed: the process's clocks are
 * like python3's at this point. */
static bool prepare(void)
{
    bool in_haste = warmup_was_called();
    return warmth_gather() && script_prepare(SCRIPT) && expect_interpreter_cleared() &&
           (warmup_is_untouched() || successor_begin(in_haste)) && warmth_freeze();
}

static void say_warm(void)
{
    if (getrusage(RUSAGE_CHILDREN, &warm_children) != 0)
        handover_die("resource usage");
    control_say_warm(warmup_percent());
}

/* Do the last steps of Py_RunMain(). */
static int end(void)
{
    warmth_end();
    int code = Py_FinalizeEx() < 0 ? FLUSH_FAILED_CODE : script_end.code;
    if (!script_end.interrupted)
        return code;
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    return SIGINT + SIGNALED_CODE_BASE;
}

int main(int argc, char **argv)
{
    become_namesake(argv);
    prctl(PR_SET_NAME, INTERPRETER_NAME);
    fcntl(TEMPLATE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
    warmup_configure();
    initialize(argc, argv);
    if (!additions_load())
        handover_die_of_python();
    control_say_ready();
    if (!warmup_run() || !prepare())
        handover_die_of_python();
    say_warm();
    if (zygote_serve(TEMPLATE_CONTROL_FD)) {
        say_warm();
        if (!warmth_freeze()) /* for the objects that the fork has made */
            handover_die_of_python();
    }
    enum handover_kind kind = handover_take(TEMPLATE_CONTROL_FD, &farewell_secret);
    if (kind == HANDOVER_SESSION) {
        script_serve_session(TEMPLATE_CONTROL_FD);
        handover_die_of_python();
    }
    if (!warmth_watch(on_silent_end))
        handover_die_of_python();
    handover_end();
    farewell_pid = getpid();
    farewell_begun_us = cpu_us();
    on_exit(say_farewell, NULL);
    script_end = kind == HANDOVER_CELL ? script_run_cell() : script_run(SCRIPT);
    script_has_ended = true;
    return end();
}
