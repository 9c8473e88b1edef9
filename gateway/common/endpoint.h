/* endpoint.h - parses the "address:port" of a setting.
 *
 * Pure. Does not check that the address exists: that is the resolver's part.
 */
#ifndef MAYFLY_ENDPOINT_H
#define MAYFLY_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_TEXT_MAX 127

struct endpoint {
    char host[ENDPOINT_TEXT_MAX + 1]; /* without brackets; "": every address */
    char port[6];                     /* digits, 0 to 65535 */
};

/* Parse an IPv4 address or nothing, an IPv6 address in brackets, or a name; then a colon and a
 * port. Returns false with *endpoint untouched. */
bool endpoint_parse(struct endpoint *endpoint, const char *text);

/* Returns the address at which this machine reaches such a listener; that is loopback if it listens
 * at every address. It points into *endpoint, or is static. */
const char *endpoint_near_host(const struct endpoint *endpoint);

#endif
