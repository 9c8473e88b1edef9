/* endpoint.h - "address:port", as settings have it, taken apart.
 *
 * Pure. Whether there is such an address is the resolver's to say.
 */
#ifndef MAYFLY_ENDPOINT_H
#define MAYFLY_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_TEXT_MAX 127

struct endpoint {
    char host[ENDPOINT_TEXT_MAX + 1]; /* without brackets; "": every address */
    char port[6];                     /* digits, 0 to 65535 */
};

/* An IPv4 address or nothing, an IPv6 address in brackets, or a name; a colon; a port. False leaves
 * *endpoint untouched. */
bool endpoint_parse(struct endpoint *endpoint, const char *text);

/* Where the one who listens there is reached from this machine: loopback, where that is every
 * address. Lent by *endpoint, or for ever. */
const char *endpoint_near_host(const struct endpoint *endpoint);

#endif
