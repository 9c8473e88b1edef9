/* peers.h - how many connections each address has.
 *
 * An IPv4 address counts by itself; of an IPv6 address the first 64 bits count, which is what one
 * customer gets. Pure; knows neither h2o nor sockets' descriptors.
 */
#ifndef MAYFLY_PEERS_H
#define MAYFLY_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define PEERS_BUCKETS_COUNT 1024

struct peer; /* an address that has connections */

/* Zero-initialised is a valid empty table. */
struct peers {
    struct peer *buckets[PEERS_BUCKETS_COUNT];
};

/* Count a connection from this address. Returns its peer, lent until peers_remove; NULL, and
 * nothing counted, when it has `most` already or memory is out. */
struct peer *peers_add(struct peers *peers, const struct sockaddr *address, size_t most);
/* Count one less. NULL is fine. */
void peers_remove(struct peers *peers, struct peer *peer);

#endif
