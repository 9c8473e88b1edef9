#include "front/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/number.h"

#define BACKLOG 4096 /* the kernel cuts it to net.core.somaxconn */

/* "[::1]:80" is host "::1", port "80". Views into host, which is written to. */
static bool split_address(char *where, char **host, char **port, struct error *err)
{
    uint64_t number;
    char *colon = strrchr(where, ':');
    /* getaddrinfo would take port 65537 for port 1. */
    if (!colon || !number_parse_uint(colon + 1, strlen(colon + 1), &number) || number > UINT16_MAX)
        return error_set(err, ERR_INVALID, "cannot listen on \"%s\": not host:port", where);
    *colon = '\0';
    *host = where;
    *port = colon + 1;
    size_t len = strlen(where);
    if (len >= 2 && where[0] == '[' && where[len - 1] == ']') {
        where[len - 1] = '\0';
        *host = where + 1;
    }
    return true;
}

static int open_at(const struct addrinfo *at)
{
    const int on = 1, off = 0;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6) /* "[::]:8000" is every address, IPv4 too */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

int listen_open(const char *where, struct error *err)
{
    char copy[256], empty[1] = "", *host = empty, *port = empty;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    snprintf(copy, sizeof copy, "%s", where);
    if (!split_address(copy, &host, &port, err))
        return -1;
    int result = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (result != 0) {
        error_set(err, ERR_INVALID, "cannot listen on %s: %s", where, gai_strerror(result));
        return -1;
    }
    int fd = open_at(found);
    if (fd < 0)
        error_errno(err, "cannot listen on %s", where);
    freeaddrinfo(found);
    return fd;
}

bool listen_is_loopback(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) != 0)
        return false;
    if (address.any.sa_family == AF_INET)
        return ntohl(address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
}

const char *listen_address(int fd, char text[64])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    text[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
        getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(text, 64, address.ss_family == AF_INET6 ? "[%.46s]:%.6s" : "%.46s:%.6s", host,
                 port);
    return text;
}
