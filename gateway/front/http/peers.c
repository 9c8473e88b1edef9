#include "front/http/peers.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct peer {
    struct peer *next;
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

static struct peer **bucket_of(struct peers *peers, uint64_t key)
{
    uint64_t mixed =
        key * UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: the high bits are mixed */
    return &peers->buckets[(mixed >> 32) % PEERS_BUCKETS_COUNT];
}

struct peer *peers_add(struct peers *peers, const struct sockaddr *address, size_t most)
{
    uint64_t key = key_of(address);
    struct peer **bucket = bucket_of(peers, key);
    struct peer *peer = *bucket;
    while (peer && peer->key != key)
        peer = peer->next;
    if (peer && peer->count >= most)
        return NULL;
    if (!peer) {
        peer = calloc(1, sizeof *peer);
        if (!peer)
            return NULL;
        peer->key = key;
        peer->next = *bucket;
        *bucket = peer;
    }
    peer->count++;
    return peer;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
    if (!peer || --peer->count > 0)
        return;
    struct peer **slot = bucket_of(peers, peer->key);
    while (*slot != peer)
        slot = &(*slot)->next;
    *slot = peer->next;
    free(peer);
}
