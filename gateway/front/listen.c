#include "front/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/endpoint.h"

#define BACKLOG 4096 /* the kernel lowers it to net.core.somaxconn */

static int open_at(const struct addrinfo *at)
{
    const int on = 1, off = 0;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6) /* "[::]:8000" means all addresses, including IPv4 */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Resolve the host. The caller frees the result. Returns NULL with ERR_INVALID on failure. */
static struct addrinfo *resolve(const char *setting, const char *where, struct error *err)
{
    struct endpoint endpoint;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (!endpoint_parse(&endpoint, where)) {
        error_set(err, ERR_INVALID, "%s is \"%s\": must be address:port", setting, where);
        return NULL;
    }
    const char *host = endpoint.host[0] ? endpoint.host : NULL;
    int result = getaddrinfo(host, endpoint.port, &hints, &found);
    if (result == 0)
        return found;
    error_set(err, ERR_INVALID, "%s is \"%s\": cannot listen there: %s", setting, where,
              gai_strerror(result));
    return NULL;
}

int listen_open(const char *setting, const char *where, struct error *err)
{
    struct addrinfo *found = resolve(setting, where, err);
    int fd = found ? open_at(found) : -1;
    if (found && fd < 0)
        error_errno(err, "%s is \"%s\": cannot listen there", setting, where);
    if (found)
        freeaddrinfo(found);
    return fd;
}

static bool is_loopback(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool listen_foresee(const char *setting, const char *where, bool *is_local, struct error *err)
{
    struct addrinfo *found = resolve(setting, where, err);
    if (!found)
        return false;
    *is_local = is_loopback(found->ai_addr);
    freeaddrinfo(found);
    return true;
}

bool listen_is_loopback(int fd)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
           is_loopback((const struct sockaddr *)&address);
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
