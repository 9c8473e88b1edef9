/* addresses.h - counts the connections of each client address.
 *
 * An IPv4 address counts as a whole, an IPv6 address by its first 64 bits, because a customer
 * usually gets a whole /64. Pure; knows neither h2o nor descriptors.
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
 * NULL, and counts nothing, if the address already has `most` connections or memory is out. */
struct address_entry *addresses_add(struct addresses *addresses, const struct sockaddr *address,
                                    size_t most);
/* Count one connection fewer. NULL is a no-op. */
void addresses_remove(struct addresses *addresses, struct address_entry *entry);

#endif
