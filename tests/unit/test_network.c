#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "init/network.h"

static char root[] = "/tmp/test_network.XXXXXX";

static void put(const char *name, const char *text)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct buf seen(const struct network *network)
{
    struct buf out;
    buf_init(&out, 100000);
    assert_true(network_look(network, &out));
    return out;
}

/* Files of the box's own network namespace, and files that show the whole host. */
static const struct {
    const char *name, *before, *after;
    bool is_seen;
} rows[] = {
    {"sockstat", "sockets: used 2\nTCP: inuse 0 orphan 0 tw 0 alloc 3 mem 1\nUDP: inuse 0 mem 0\n",
     "sockets: used 2\nTCP: inuse 0 orphan 12 tw 0 alloc 1234 mem 99\nUDP: inuse 0 mem 77\n",
     false},
    {"sockstat", "sockets: used 2\n", "sockets: used 3\n", true},
    {"sockstat", "TCP: inuse 0 orphan 0 tw 0 alloc 3 mem 1\n",
     "TCP: inuse 0 orphan 0 tw 1 alloc 3 mem 1\n", true},
    {"sockstat6", "TCP6: inuse 0\n", "TCP6: inuse 1\n", true},
    {"dev", "    lo:       0       0\n", "    lo:      28       1\n", true},
    {"snmp", "Ip: OutNoRoutes\nIp: 0\n", "Ip: OutNoRoutes\nIp: 7\n", true},
    {"if_inet6", "", "00000000000000000000000000000001 01 80 10 80       lo\n", true},
};

static void a_difference_of_the_box_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct network network;
        put(rows[i].name, rows[i].before);
        network_open(&network, root);
        struct buf before = seen(&network);
        put(rows[i].name, rows[i].after);
        struct buf after = seen(&network);
        bool differs = before.len != after.len ||
                       (before.len && memcmp(before.data, after.data, before.len) != 0);
        check(differs == rows[i].is_seen, "row %zu", i);
        buf_release(&before);
        buf_release(&after);
    }
}

static void too_long_a_text_cannot_be_looked_at(void **state)
{
    (void)state;
    struct network network;
    struct buf out;
    char text[9000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    put("route", text);
    network_open(&network, root);
    buf_init(&out, 100000);
    assert_false(network_look(&network, &out));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_of_the_box_is_seen),
        cmocka_unit_test(too_long_a_text_cannot_be_looked_at),
    };
    return mkdtemp(root) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
