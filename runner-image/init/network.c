#include "network.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 8192
#define PATH_BYTES 64

/* dev counts packets of the loopback interface. snmp and snmp6 also count attempts that failed
 * before a packet was sent. */
static const char *const names[NETWORK_TEXTS_COUNT] = {
    "sockstat", "sockstat6", "dev", "snmp", "snmp6", "route", "ipv6_route", "if_inet6", "fib_trie"};

void network_open(struct network *network, const char *proc)
{
    for (size_t i = 0; i < NETWORK_TEXTS_COUNT; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s", proc, names[i]);
        network->fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    }
}

static bool read_text(int fd, char text[TEXT_BYTES], size_t *len)
{
    ssize_t got = 0;
    *len = 0;
    text[0] = '\0';
    if (fd < 0)
        return true;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return false;
    while (*len < TEXT_BYTES - 1 && (got = read(fd, text + *len, TEXT_BYTES - 1 - *len)) > 0)
        *len += (size_t)got;
    text[*len] = '\0';
    return got == 0;
}

/* Remove the numbers in sockstat that are not the box's but the whole host's: orphans, memory, and
 * sockets of all namespaces. Returns the new length. */
static size_t drop_hosts_figures(char *text, size_t len)
{
    static const char *const of_host[] = {" orphan ", " alloc ", " mem "};
    for (size_t i = 0; i < sizeof of_host / sizeof of_host[0]; i++) {
        for (char *at = text; (at = strstr(at, of_host[i]));) {
            at += strlen(of_host[i]);
            size_t digits = strspn(at, "0123456789");
            memmove(at, at + digits, len - (size_t)(at - text) - digits + 1);
            len -= digits;
        }
    }
    return len;
}

bool network_look(const struct network *network, struct buf *out)
{
    char text[TEXT_BYTES];
    size_t len;
    for (size_t i = 0; i < NETWORK_TEXTS_COUNT; i++) {
        if (!read_text(network->fds[i], text, &len))
            return false;
        if (strncmp(names[i], "sockstat", strlen("sockstat")) == 0)
            len = drop_hosts_figures(text, len);
        if (!buf_append(out, text, len))
            return false;
    }
    return true;
}
