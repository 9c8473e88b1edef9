/* template.c - the warm Python interpreter: started early, it becomes the program.
 *
 *   python-template            fds 0, 1, 2 are the program's; fd 3 is a socket to mayfly-init
 *
 * The program must behave byte for byte as under `python3 /box/main.py`. So this file does the
 * steps of that command: it embeds CPython, configures it with the same command line and
 * initialises it. It halts where python3 would open the script, and one byte on fd 3 says "ready".
 * While no job waits it imports the common standard modules (warmup.h). A child takes the process's
 * place (successor.h), and another byte says "warm". The job comes as a frame of args, environment
 * and file names. By then the source is in /box/main.py, and stdin, a file, has its content. fd 3
 * is closed, and script.c does the rest as python3 does. None of this is Python code, so the
 * program sees no extra frame.
 *
 * A warm interpreter cannot serve a few jobs faithfully. Their environment has names that are read
 * when the interpreter or the C library starts, or they have files named like an imported module.
 * For those the process executes the real python3 instead, cold.
 *
 * A program can notice these differences from a cold start:
 *
 *   sys.modules            has more entries, up to all of the warm-up; so have __subclasses__() and
 *                          sys.path_importer_cache
 *   a file in /box         that the program itself writes while it runs, named like a warm module
 *                          and then imported, is ignored: the standard one is used
 *   gc.get_freeze_count()  is not 0, and gc.get_objects() is shorter (warmth.h)
 *   threading._shutdown    is a built-in function (warmth.c)
 *   sys.setprofile()       settrace() and monitoring, left on, see the end of threading, imported
 *                          or not
 *   /proc/self/stat        says that it started when the box was made ready, before the request
 *   getrusage().ru_maxrss  begins with the warm modules, some megabytes; ru_minflt with the pages
 *                          that were mapped ahead. CPU clocks begin with the milliseconds which
 *                          that took: less than python3 needs until it opens a script
 *   /proc/self/exe         is this file
 *
 * An image with packages of its own (additions.h) has them warm too. That adds:
 *
 *   builtins.display       is there; so is the module that it comes from, whose descriptor has a
 *                          high number, and whose hand is in matplotlib's show()
 *   exit handlers          of warm packages are there, and come after the program's
 *   warnings.filters       have what the packages add to them, as sys.meta_path has
 *   __del__                of an object that the program has put into a warm module is not called
 *                          (warmth.h)
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <fcntl.h>
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

/* Py_RunMain() exits with the first when the streams could not be flushed. A shell adds a signal's
 * number to the second. */
#define FLUSH_FAILED_CODE 120
#define SIGNALED_CODE_BASE 128

/* The farewell is queued with this secret, by this process only: a fork of the program ends without
 * one. */
static uint64_t farewell_secret;
static pid_t farewell_pid;
static bool farewell_said;
static uint64_t farewell_begun_us;
/* usage of the processes that imports have run and waited for */
static struct rusage warm_children;

/* Under another name than python3's process, execute this file again. So /proc/self/cmdline, and
 * all that the C library derives from argv, is right. */
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

/* Do exactly what python3's main() does with its command line. */
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
    /* Py_RunMain() would set it later, after looking at the script. */
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(&config, &config.sys_path_0, SCRIPT_FOLDER);
#endif
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
}

/* The script's result, once it has ended by itself. */
static struct script_end script_end;
static bool script_has_ended;

/* Returns the CPU time of this process. Only the process itself gets an exact value: for others the
 * kernel updates it when the process leaves its core. */
static uint64_t cpu_us(void)
{
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* Send the farewell. This is the last of C's exit handlers that the program could have influenced;
 * the interpreter has finalised and flushed. The CPU time of reaped children counts only at their
 * parent's death. So a program with children sends none, and its death is awaited. */
static void say_farewell(int status, void *unused)
{
    (void)unused;
    struct rusage children;
    if (farewell_said)
        return;
    /* Every process has at least one page fault. */
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
    /* init may have been woken on this core. A process as young as ours would not yield by itself,
     * and would take its memory down first. */
    sched_yield();
}

static void on_silent_end(void)
{
    if (script_has_ended && !script_end.interrupted)
        say_farewell(script_end.code, NULL);
}

/* The interpreter drops its own dictionary after the program's last module and object. A
 * millisecond of invisible cleanup follows. */
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

/* If nothing was imported, this process's own clocks are what python3's are at this point. */
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

/* Do the end of Py_RunMain(). */
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
    if (zygote_serve(TEMPLATE_CONTROL_FD))
        say_warm();
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
