/* addresses.h - how many connections each address has.
 *
 * An IPv4 address counts by itself. Of an IPv6 address only the first 64 bits count, because one
 * customer usually gets a whole /64. Pure; knows neither h2o nor descriptors.
 */
#ifndef MAYFLY_ADDRESSES_H
#define MAYFLY_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define ADDRESSES_BUCKETS_COUNT 1024

struct address_entry; /* an address that has connections */

/* A zeroed table is empty. */
struct addresses {
    struct address_entry *buckets[ADDRESSES_BUCKETS_COUNT];
};

/* Count a connection from this address. Returns its entry, valid until addresses_remove. Returns
 * NULL, and counts nothing, when the address has `most` connections already or memory is out. */
struct address_entry *addresses_add(struct addresses *addresses, const struct sockaddr *address,
                                    size_t most);
/* Count one connection less. NULL is a no-op. */
void addresses_remove(struct addresses *addresses, struct address_entry *entry);

#endif
