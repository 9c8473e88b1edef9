/* script.h - runs the script as python3 runs the one on its command line.
 *
 * Py_RunMain() does that too, but reports the exit code only after taking the interpreter down,
 * which takes longer than most programs. These are its steps in public functions, so that the code
 * is known earlier. They follow CPython 3.11 to 3.13: pymain_run_python of Modules/main.c,
 * _PyRun_SimpleFile and _Py_HandleSystemExit of Python/pythonrun.c.
 *
 * One step is missing: PYTHONINSPECT, set by the program itself, opens no prompt at its end.
 */
#ifndef MAYFLY_PYTHON_SCRIPT_H
#define MAYFLY_PYTHON_SCRIPT_H

#include <stdbool.h>

/* Prepare sys.path[0] and __main__, which need no text of the script. Returns false with a Python
 * exception set. */
bool script_prepare(const char *path);

struct script_end {
    int code;         /* exit code, unless the interpreter's own end fails */
    bool interrupted; /* by an uncaught KeyboardInterrupt: python3 then ends by SIGINT */
};

/* Run the script. Prints an uncaught exception. Does not return where python3 would not: os._exit,
 * death by a signal, and an excepthook that raises SystemExit. */
struct script_end script_run(const char *path);

/* Serve a session's cells, on this control socket, which is taken. Returns only on failure, with a
 * Python exception set. */
void script_serve_session(int control_fd);

/* Run it as a cell of a notebook, which mayfly_cell.py does. Otherwise the same. */
struct script_end script_run_cell(void);

#endif
