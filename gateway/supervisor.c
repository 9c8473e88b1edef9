#include "supervisor.h"

#include "broker/broker.h"
#include "common/log.h"
#include "front/front.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    const char *role;
    pid_t pid; /* 0: not running */
    int status;
};

typedef int child_main(const struct config *config, int link_fd);

/* Runs in the child: close the other end of the socket pair, and unblock all signals that the child
 * does not read from a descriptor. Those that it reads stay blocked, so that an early one is
 * pending and does not kill. If the supervisor dies, the front is killed; the broker gets SIGTERM,
 * so that it can remove its boxes. */
static void become(const struct config *config, child_main *entry, int own_fd, int other_fd,
                   int death_signal, pid_t parent)
{
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, SIGTERM);
    sigaddset(&own, SIGHUP);
    sigprocmask(SIG_SETMASK, &own, NULL);
    close(other_fd);
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != parent)
        exit(1);
    exit(entry(config, own_fd));
}

static bool start(struct child *child, const struct config *config, child_main *entry, int own_fd,
                  int other_fd, int death_signal)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        log_event(LOG_ERROR, "fork_failed", LOG_STR("role", child->role),
                  LOG_STR("error", strerror(errno)), LOG_END);
        return false;
    }
    if (pid == 0)
        become(config, entry, own_fd, other_fd, death_signal, parent);
    child->pid = pid;
    close(own_fd);
    return true;
}

static void reap(struct child *child)
{
    int status;
    if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
        return;
    child->pid = 0;
    child->status = status;
}

static void stop(const struct child *child)
{
    if (child->pid)
        kill(child->pid, SIGTERM);
}

static void log_death(const struct child *child)
{
    int status = child->status;
    log_event(LOG_ERROR, "role_died", LOG_STR("died", child->role),
              LOG_I64("exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LOG_I64("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), LOG_END);
}

/* Stop the front first, because it needs the broker to answer its runs. The broker stops when it
 * loses the front. It is signalled anyway, because it may have lost the front earlier. */
static int wait_for_both(struct child *front, struct child *broker, const sigset_t *set)
{
    bool asked = false;
    bool failed = false;
    while (front->pid || broker->pid) {
        int number = sigwaitinfo(set, NULL);
        if (number == SIGHUP) {
            if (front->pid)
                kill(front->pid, SIGHUP);
            continue;
        }
        if (number == SIGTERM || number == SIGINT) {
            asked = true;
            stop(front->pid ? front : broker);
            continue;
        }
        bool had_front = front->pid != 0, had_broker = broker->pid != 0;
        reap(front);
        reap(broker);
        bool front_died = had_front && !front->pid, broker_died = had_broker && !broker->pid;
        if (front_died && (!asked || front->status != 0)) {
            failed = true;
            log_death(front);
        }
        /* A front that ends closes its socket a little before it can be reaped. The broker may end
         * in between. */
        if (broker_died && ((front->pid && !asked) || WIFSIGNALED(broker->status))) {
            failed = true;
            log_death(broker);
        }
        if (front_died)
            stop(broker);
    }
    return failed || !asked;
}

int supervisor_main(const struct config *config)
{
    struct child front = {.role = "front"}, broker = {.role = "broker"};
    struct error err;
    sigset_t set;
    int pair[2];
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    log_init("serve", config->log_format, config->log_level);
    /* Check this here too, so that a port in use gives only one error. */
    if (!front_can_listen(config, &err)) {
        log_event(LOG_ERROR, "start_failed", LOG_STR("error", err.text), LOG_END);
        return 1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        log_event(LOG_ERROR, "start_failed", LOG_STR("error", strerror(errno)), LOG_END);
        return 1;
    }
    if (!start(&broker, config, broker_main, pair[0], pair[1], SIGTERM))
        return 1;
    if (!start(&front, config, front_main, pair[1], pair[0], SIGKILL))
        stop(&broker);
    return wait_for_both(&front, &broker, &set);
}
