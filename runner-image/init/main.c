/* mayfly-init - PID 1 of every box. It starts the program of each run, observes it, and reports to
 * the broker.
 *
 *   mayfly-init --idle-ms N [--box DIR] -- TEMPLATE [ARG...]
 *
 * Theory of operation. The broker attaches to the container's stdin, stdout and stderr and starts
 * it. Init starts the template (the warm interpreter), with a file for stdin and pipes for stdout
 * and stderr. When the template can take a job, init sends READY to its own stdout. A RUN frame on
 * its stdin brings the job. Init writes the files and stdin, and hands args and environment to the
 * template, which becomes the program. From then on init
 *
 *   - sends the program's stdout and stderr as OUTPUT frames, to the cap, and counts the rest;
 *   - enforces its deadline and the limits that the kernel does not, and reaps every orphan in
 *     the box.
 *
 * When the program ends, or its time is up, init kills every other process, drains the pipes, and
 * sends the files that the job asked for. Then it sends END: how the program ended, and its use of
 * time, memory and output. Then it exits, and the kernel takes the box down. If the job keeps the
 * box, init takes away what the run has left, proves that nothing else is different, and sends
 * READY again (life_reuse.h).
 *
 * The program cannot speak for init: it has other pipes, and init is not dumpable. So no process of
 * the same user can trace init or open its descriptors. Nor can the program stop init: inside a PID
 * namespace, the kernel delivers to PID 1 only signals for which it has a handler.
 *
 * Files: life (phases and the loop), template (spawn and hand-over), input (stdin), streams (pipes
 * and frames), program (death and verdict), meter (CPU time and locks), cgroup (the kernel's
 * counters), box (files written and opened), walk and harvest (files found and sent), displays
 * (plots and the like), life_ending (the end of a run). For boxes of several runs: life_reuse (the
 * way back to READY), zygote (the template that stays), proof (the table of proofs), scratch,
 * devices and network (what some of them look at).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/fd.h"
#include "common/number.h"
#include "life.h"

#define IDLE_MS_MAX (UINT64_C(7) * 24 * 3600 * 1000)

struct options {
    const char *dir;
    uint64_t idle_ms;
    char **template_argv;
};

static _Noreturn void show_usage(void)
{
    life_abort(EXIT_PROTOCOL, "usage: mayfly-init --idle-ms N [--box DIR] -- TEMPLATE [ARG...]");
}

static bool parse_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--box") == 0) {
        options->dir = value;
        return true;
    }
    return strcmp(name, "--idle-ms") == 0 &&
           number_parse_uint(value, strlen(value), &options->idle_ms) && options->idle_ms > 0 &&
           options->idle_ms <= IDLE_MS_MAX;
}

static struct options parse_options(char **argv)
{
    struct options options = {.dir = "/box"};
    char **arg = argv[0] ? argv + 1 : argv;
    for (; *arg && strcmp(*arg, "--") != 0; arg += 2) {
        if (!arg[1] || !parse_option(&options, arg[0], arg[1]))
            show_usage();
    }
    if (!*arg || !arg[1] || options.idle_ms == 0)
        show_usage();
    options.template_argv = arg + 1;
    return options;
}

/* SIGCHLD and the farewell signal are blocked, and read from a descriptor. All other signals are
 * ignored, so that they cannot queue up. */
static void silence_signals(void)
{
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, number == SIGCHLD || number == FAREWELL_SIGNAL ? SIG_DFL : SIG_IGN);
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, FAREWELL_SIGNAL);
    sigprocmask(SIG_SETMASK, &watched, NULL);
}

int main(int argc, char **argv)
{
    (void)argc;
    struct options options = parse_options(argv);
    /* As PID 1 of a namespace, kill(-1) reaches exactly the box. Elsewhere it would kill
     * everything. */
    if (getpid() != 1)
        life_abort(EXIT_PROTOCOL, "must be PID 1 of a PID namespace of its own");
    prctl(PR_SET_DUMPABLE, 0);
    silence_signals();
    if (!fd_set_nonblocking(STDIN_FILENO) || !fd_set_nonblocking(STDOUT_FILENO))
        life_abort(EXIT_RESOURCES, "stdin or stdout is not usable");
    struct life life;
    life_begin(&life, options.dir, options.idle_ms, options.template_argv);
    for (;;)
        life_turn(&life);
}
