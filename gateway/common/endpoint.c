#include "common/endpoint.h"

#include <string.h>

#include "common/number.h"

bool endpoint_parse(struct endpoint *endpoint, const char *text)
{
    uint64_t number;
    const char *colon = strrchr(text, ':');
    size_t port_len = colon ? strlen(colon + 1) : 0;
    /* Check the range here: the resolver would silently use port 1 for 65537. */
    if (!colon || port_len >= sizeof endpoint->port ||
        !number_parse_uint(colon + 1, port_len, &number) || number > UINT16_MAX)
        return false;
    const char *host = text;
    size_t host_len = (size_t)(colon - text);
    if (host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']') {
        host++;
        host_len -= 2;
    }
    if (host_len >= sizeof endpoint->host)
        return false;
    *endpoint = (struct endpoint){.host = ""};
    memcpy(endpoint->host, host, host_len);
    memcpy(endpoint->port, colon + 1, port_len);
    return true;
}

const char *endpoint_near_host(const struct endpoint *endpoint)
{
    const char *host = endpoint->host;
    if (host[0] == '\0' || strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}
