#include "broker/front_socket.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

#define BACKLOG 16

struct front_socket {
    struct loop *loop;
    const struct config *config;
    int fd;
    struct watch watch;
    void (*on_connected)(void *arg, int fd);
    void *arg;
};

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return address;
}

/* Remove the socket that a dead broker has left. If a broker still answers, fail. */
static bool clear_path(const char *path, struct error *err)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_errno(err, "socket");
    int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    int number = errno;
    close(fd);
    if (result == 0)
        return error_set(err, ERR_SYSTEM, "another broker listens on MAYFLY_WIRE_SOCKET (%s)",
                         path);
    if (number == ECONNREFUSED && unlink(path) < 0)
        return error_errno(err, "MAYFLY_WIRE_SOCKET (%s)", path);
    return true;
}

/* Let only root and the front's group connect. If this process is not root, the group cannot be
 * changed. */
static bool set_owner(const struct config *config, struct error *err)
{
    const struct passwd *user = getpwnam(config->user);
    if (geteuid() == 0 && user && chown(config->wire_socket, (uid_t)-1, user->pw_gid) < 0)
        return error_errno(err, "chown of MAYFLY_WIRE_SOCKET");
    if (chmod(config->wire_socket, 0660) < 0)
        return error_errno(err, "chmod of MAYFLY_WIRE_SOCKET");
    return true;
}

static bool make_parent(const char *path)
{
    char parent[128];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash || slash == parent)
        return true;
    *slash = '\0';
    return mkdir(parent, 0755) == 0 || errno == EEXIST;
}

static bool listen_on(struct front_socket *listener, struct error *err)
{
    const char *path = listener->config->wire_socket;
    struct sockaddr_un address = address_of(path);
    if (!make_parent(path))
        return error_errno(err, "the folder of MAYFLY_WIRE_SOCKET (%s)", path);
    if (!clear_path(path, err))
        return false;
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0 ||
        bind(listener->fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return error_errno(err, "MAYFLY_WIRE_SOCKET (%s)", path);
    if (!set_owner(listener->config, err))
        return false;
    if (listen(listener->fd, BACKLOG) < 0)
        return error_errno(err, "MAYFLY_WIRE_SOCKET (%s)", path);
    return true;
}

static void on_ready(void *arg, short events)
{
    struct front_socket *listener = arg;
    (void)events;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        listener->on_connected(listener->arg, fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        log_event(LOG_ERROR, "accept_failed", LOG_STR("error", strerror(errno)), LOG_END);
}

struct front_socket *front_socket_open(struct loop *loop, const struct config *config,
                                       void (*on_connected)(void *arg, int fd), void *arg,
                                       struct error *err)
{
    struct front_socket *listener = calloc(1, sizeof *listener);
    if (!listener) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    *listener = (struct front_socket){
        .loop = loop, .config = config, .fd = -1, .on_connected = on_connected, .arg = arg};
    if (!listen_on(listener, err)) {
        if (listener->fd >= 0)
            close(listener->fd);
        free(listener);
        return NULL;
    }
    listener->watch = (struct watch){.fd = listener->fd, .on_ready = on_ready, .arg = listener};
    if (watch_start(loop_watches(loop), &listener->watch, POLLIN))
        return listener;
    front_socket_close(listener);
    error_set(err, ERR_SYSTEM, "too many descriptors are watched");
    return NULL;
}

void front_socket_close(struct front_socket *listener)
{
    if (!listener)
        return;
    watch_stop(loop_watches(listener->loop), &listener->watch);
    close(listener->fd);
    unlink(listener->config->wire_socket);
    free(listener);
}
