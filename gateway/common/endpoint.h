/* endpoint.h - parses the "address:port" of a setting.
 *
 * Pure. Does not resolve the address, or check that it exists.
 */
#ifndef MAYFLY_ENDPOINT_H
#define MAYFLY_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_TEXT_MAX 127

struct endpoint {
    char host[ENDPOINT_TEXT_MAX + 1]; /* without brackets; "": all addresses */
    char port[6];                     /* digits, 0 to 65535 */
};

/* Parse "host:port". The host is empty, an IPv4 address, an IPv6 address in brackets, or a name.
 * Returns false with *endpoint untouched. */
bool endpoint_parse(struct endpoint *endpoint, const char *text);

/* Returns an address by which this listener can be reached from the same machine: loopback if it
 * listens on all addresses. The result points into *endpoint or is static. */
const char *endpoint_near_host(const struct endpoint *endpoint);

#endif
