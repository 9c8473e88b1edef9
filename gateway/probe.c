#include "probe.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WAIT_S 5
#define ANSWER_MAX_BYTES 4096

/* "host:port", "[v6]:port" or ":port" taken apart in place. */
static bool split(char *where, const char **host, const char **port)
{
    char *colon = strrchr(where, ':');
    if (!colon)
        return false;
    *colon = '\0';
    *port = colon + 1;
    size_t len = strlen(where);
    if (len >= 2 && where[0] == '[' && where[len - 1] == ']') {
        where[len - 1] = '\0';
        where++;
    }
    bool is_any = where[0] == '\0' || strcmp(where, "0.0.0.0") == 0 || strcmp(where, "*") == 0;
    *host = is_any ? "127.0.0.1" : strcmp(where, "::") == 0 ? "::1" : where;
    return true;
}

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval wait = {.tv_sec = WAIT_S};
    struct addrinfo *found;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)); /* connect too */
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        if (connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

/* The whole answer, for the connection is closed behind it. False when nothing came. */
static bool ask(int fd, char *answer, size_t size)
{
    static const char request[] =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    size_t len = 0;
    if (write(fd, request, sizeof(request) - 1) != (ssize_t)(sizeof(request) - 1))
        return false;
    ssize_t got;
    while (len < size - 1 && (got = read(fd, answer + len, size - 1 - len)) > 0)
        len += (size_t)got;
    answer[len] = '\0';
    return len > 0;
}

int probe_main(const struct config *config)
{
    char where[sizeof(config->listen)], answer[ANSWER_MAX_BYTES];
    const char *host, *port;
    memcpy(where, config->listen, sizeof(where));
    int fd = split(where, &host, &port) ? connect_to(host, port) : -1;
    if (fd < 0 || !ask(fd, answer, sizeof(answer))) {
        fprintf(stderr, "mayfly: nothing answers at %s\n", config->listen);
        return 1;
    }
    close(fd);
    const char *body = strstr(answer, "\r\n\r\n");
    printf("%s\n", body ? body + 4 : "");
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : 1;
}
