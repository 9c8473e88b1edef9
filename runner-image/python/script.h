/* script.h - the script, run as python3 runs the one on its command line.
 *
 * Py_RunMain() does that too, but keeps the exit code to itself until the interpreter has been
 * taken down, which takes longer than most programs. These are its steps (CPython 3.11 to 3.13,
 * Modules/main.c pymain_run_python, Python/pythonrun.c _PyRun_SimpleFile and
 * _Py_HandleSystemExit), in public functions, so that the code is known before.
 *
 * One thing is left out: PYTHONINSPECT, set by the program itself, opens no prompt at its end.
 */
#ifndef MAYFLY_PYTHON_SCRIPT_H
#define MAYFLY_PYTHON_SCRIPT_H

#include <stdbool.h>

/* What does not need the script's text: sys.path[0], and what __main__ says of it. False with a
 * Python exception set. */
bool script_prepare(const char *path);

struct script_end {
    int code;         /* exit code, if the interpreter's own end does not fail */
    bool interrupted; /* by a KeyboardInterrupt that nobody caught: python3 ends by SIGINT then */
};

/* Run it. Prints an uncaught exception. Does not return where python3 would not: os._exit, death
 * by a signal, and an excepthook that raises SystemExit. */
struct script_end script_run(const char *path);

#endif
