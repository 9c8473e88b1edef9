/* script.h - runs the script exactly as python3 runs the script on its command line.
 *
 * Py_RunMain() does that too, but returns the exit code only after it has torn down the
 * interpreter. The teardown takes longer than most programs run. So this file repeats the steps of
 * Py_RunMain() with public functions, to know the exit code earlier. The steps follow CPython 3.11
 * to 3.13: pymain_run_python in Modules/main.c, _PyRun_SimpleFile and _Py_HandleSystemExit in
 * Python/pythonrun.c.
 *
 * One difference remains: if the program itself sets PYTHONINSPECT, no prompt opens at its end.
 */
#ifndef MAYFLY_PYTHON_SCRIPT_H
#define MAYFLY_PYTHON_SCRIPT_H

#include <stdbool.h>

/* Prepare sys.path[0] and __main__, before the script exists. Returns false with a Python exception
 * set. */
bool script_prepare(const char *path);

struct script_end {
    int code; /* the exit code, unless tearing down the interpreter fails */
    /* ended by an uncaught KeyboardInterrupt: python3 then kills itself with SIGINT */
    bool interrupted;
};

/* Run the script. Prints an uncaught exception. Does not return where python3 would not either:
 * after os._exit, death by a signal, or an excepthook that raises SystemExit. */
struct script_end script_run(const char *path);

/* Serve a session's cells on this control socket. Takes the socket. Returns only on failure, with a
 * Python exception set. */
void script_serve_session(int control_fd);

/* Like script_run, but runs the script as a cell of a notebook, with mayfly_cell.py. */
struct script_end script_run_cell(void);

#endif
