#include "front/http/addresses.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct address_entry {
    struct address_entry *next;
    uint64_t key;
    size_t count;
};

static uint64_t key_of(const struct sockaddr *address)
{
    uint64_t key = 0;
    if (address->sa_family == AF_INET) {
        key = ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        bool is_v4 = IN6_IS_ADDR_V4MAPPED(v6);
        memcpy(&key, v6->s6_addr + (is_v4 ? 12 : 0), is_v4 ? 4 : 8);
    }
    return key;
}

static struct address_entry **bucket_of(struct addresses *addresses, uint64_t key)
{
    uint64_t mixed =
        key * UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: the high bits are mixed */
    return &addresses->buckets[(mixed >> 32) % ADDRESSES_BUCKETS_COUNT];
}

struct address_entry *addresses_add(struct addresses *addresses, const struct sockaddr *address,
                                    size_t most)
{
    uint64_t key = key_of(address);
    struct address_entry **bucket = bucket_of(addresses, key);
    struct address_entry *entry = *bucket;
    while (entry && entry->key != key)
        entry = entry->next;
    if (entry && entry->count >= most)
        return NULL;
    if (!entry) {
        entry = calloc(1, sizeof *entry);
        if (!entry)
            return NULL;
        entry->key = key;
        entry->next = *bucket;
        *bucket = entry;
    }
    entry->count++;
    return entry;
}

void addresses_remove(struct addresses *addresses, struct address_entry *entry)
{
    if (!entry || --entry->count > 0)
        return;
    struct address_entry **slot = bucket_of(addresses, entry->key);
    while (*slot != entry)
        slot = &(*slot)->next;
    *slot = entry->next;
    free(entry);
}
