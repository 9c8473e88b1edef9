#include "unit.h"

#include <arpa/inet.h>

#include "front/http/peers.h"

static struct peers peers;

static struct peer *add(const char *address, size_t most)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return peers_add(&peers, (struct sockaddr *)&v4, most);
    assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    return peers_add(&peers, (struct sockaddr *)&v6, most);
}

static void an_address_has_its_cap(void **state)
{
    (void)state;
    struct peer *first = add("10.0.0.1", 2), *second = add("10.0.0.1", 2);
    assert_non_null(first);
    assert_ptr_equal(first, second);
    assert_null(add("10.0.0.1", 2));
    struct peer *other = add("10.0.0.2", 2);
    assert_non_null(other);
    peers_remove(&peers, first);
    assert_non_null(add("10.0.0.1", 2));
    peers_remove(&peers, second);
    peers_remove(&peers, second);
    peers_remove(&peers, other);
    peers_remove(&peers, NULL);
}

static void a_v6_network_counts_as_one(void **state)
{
    (void)state;
    struct peer *one = add("2001:db8:1:2::1", 9), *same = add("2001:db8:1:2:ffff::9", 9),
                *other = add("2001:db8:1:3::1", 9);
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    peers_remove(&peers, one);
    peers_remove(&peers, same);
    peers_remove(&peers, other);
}

static void a_mapped_v4_address_counts_as_itself(void **state)
{
    (void)state;
    struct peer *plain = add("10.0.0.1", 9), *mapped = add("::ffff:10.0.0.1", 9),
                *other = add("::ffff:10.0.0.2", 9);
    assert_ptr_equal(plain, mapped);
    assert_ptr_not_equal(mapped, other);
    peers_remove(&peers, plain);
    peers_remove(&peers, mapped);
    peers_remove(&peers, other);
}

static void many_addresses_are_kept_apart(void **state)
{
    (void)state;
    static struct peer *kept[5000];
    for (size_t i = 0; i < COUNT(kept); i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)i)};
        kept[i] = peers_add(&peers, (struct sockaddr *)&v4, 1);
        assert_non_null(kept[i]);
    }
    for (size_t i = 0; i < COUNT(kept); i++)
        peers_remove(&peers, kept[i]);
    for (size_t i = 0; i < PEERS_BUCKETS_COUNT; i++)
        assert_null(peers.buckets[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_cap),
        cmocka_unit_test(a_v6_network_counts_as_one),
        cmocka_unit_test(a_mapped_v4_address_counts_as_itself),
        cmocka_unit_test(many_addresses_are_kept_apart),
    };
    return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
