#include "unit.h"

#include <arpa/inet.h>

#include "front/http/addresses.h"

static struct addresses addresses;

static struct address_entry *add(const char *address, size_t most)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return addresses_add(&addresses, (struct sockaddr *)&v4, most);
    assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    return addresses_add(&addresses, (struct sockaddr *)&v6, most);
}

static void an_address_has_its_cap(void **state)
{
    (void)state;
    struct address_entry *first = add("10.0.0.1", 2), *second = add("10.0.0.1", 2);
    assert_non_null(first);
    assert_ptr_equal(first, second);
    assert_null(add("10.0.0.1", 2));
    struct address_entry *other = add("10.0.0.2", 2);
    assert_non_null(other);
    addresses_remove(&addresses, first);
    assert_non_null(add("10.0.0.1", 2));
    addresses_remove(&addresses, second);
    addresses_remove(&addresses, second);
    addresses_remove(&addresses, other);
    addresses_remove(&addresses, NULL);
}

static void a_v6_network_counts_as_one(void **state)
{
    (void)state;
    struct address_entry *one = add("2001:db8:1:2::1", 9), *same = add("2001:db8:1:2:ffff::9", 9),
                         *other = add("2001:db8:1:3::1", 9);
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    addresses_remove(&addresses, one);
    addresses_remove(&addresses, same);
    addresses_remove(&addresses, other);
}

static void a_mapped_v4_address_counts_as_itself(void **state)
{
    (void)state;
    struct address_entry *plain = add("10.0.0.1", 9), *mapped = add("::ffff:10.0.0.1", 9),
                         *other = add("::ffff:10.0.0.2", 9);
    assert_ptr_equal(plain, mapped);
    assert_ptr_not_equal(mapped, other);
    addresses_remove(&addresses, plain);
    addresses_remove(&addresses, mapped);
    addresses_remove(&addresses, other);
}

static void many_addresses_are_kept_apart(void **state)
{
    (void)state;
    static struct address_entry *kept[5000];
    for (size_t i = 0; i < COUNT(kept); i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)i)};
        kept[i] = addresses_add(&addresses, (struct sockaddr *)&v4, 1);
        assert_non_null(kept[i]);
    }
    for (size_t i = 0; i < COUNT(kept); i++)
        addresses_remove(&addresses, kept[i]);
    for (size_t i = 0; i < ADDRESSES_BUCKETS_COUNT; i++)
        assert_null(addresses.buckets[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_cap),
        cmocka_unit_test(a_v6_network_counts_as_one),
        cmocka_unit_test(a_mapped_v4_address_counts_as_itself),
        cmocka_unit_test(many_addresses_are_kept_apart),
    };
    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
