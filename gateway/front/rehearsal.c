#include "front/rehearsal.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/keys/gate.h"
#include "front/privileges.h"

/* Runs in the child: try the start, report any error, and exit. */
static void rehearse(const struct config *config, int report_fd)
{
    struct error err = {.kind = ERR_NONE};
    struct gate *gate = privileges_drop(config, 0, &err) ? gate_new(config, &err) : NULL;
    if (gate)
        _exit(0);
    _exit(write(report_fd, &err, sizeof err) == (ssize_t)sizeof err ? 1 : 2);
}

/* Read the child's report after it has ended. A pipe can hold a whole struct error. */
static bool hear(pid_t child, int report_fd, struct error *err)
{
    struct error told;
    int status = -1;
    ssize_t size = read(report_fd, &told, sizeof told);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (size == (ssize_t)sizeof told)
        return error_set(err, told.kind, "%s", told.text);
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           error_set(err, ERR_SYSTEM, "the start of the front could not be tested");
}

bool rehearsal_run(const struct config *config, struct error *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return error_errno(err, "no pipe");
    pid_t child = fork();
    if (child == 0)
        rehearse(config, ends[1]);
    close(ends[1]);
    bool ok = child > 0 ? hear(child, ends[0], err) : error_errno(err, "no process");
    close(ends[0]);
    return ok;
}
