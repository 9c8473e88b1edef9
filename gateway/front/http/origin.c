#include "front/http/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/endpoint.h"

static bool equals_ignoring_case(struct bytes text, const char *word, size_t len)
{
    return text.len == len && strncasecmp((const char *)text.data, word, len) == 0;
}

/* ---- lists of the settings ---- */

/* Remove the next item from a comma-separated list. Returns false at the end. */
static bool take_item(const char **list, struct bytes *item)
{
    size_t len = strcspn(*list, ",");
    *item = bytes_of(*list, len);
    *list += len + ((*list)[len] == ',');
    return len > 0;
}

bool origin_is_listed(const struct config *config, struct bytes origin)
{
    const char *list = config->cors_origins;
    struct bytes item;
    while (take_item(&list, &item)) {
        if (origin.len == item.len && memcmp(origin.data, item.data, item.len) == 0)
            return true;
    }
    return false;
}

/* ---- Host ---- */

/* Returns the host name of "name", "name:80" or "[::1]:80", without a trailing dot. */
static struct bytes name_of(struct bytes host)
{
    const uint8_t *end = NULL;
    if (host.len > 0 && host.data[0] == '[')
        end = memchr(host.data, ']', host.len);
    else if (host.len > 0)
        end = memchr(host.data, ':', host.len);
    if (end)
        host.len = (size_t)(end - host.data) + (*end == ']');
    if (host.len > 1 && host.data[host.len - 1] == '.')
        host.len--;
    return host;
}

static bool is_address(struct bytes name)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    bool is_ipv6 = name.len > 2 && name.data[0] == '[' && name.data[name.len - 1] == ']';
    struct bytes bare = is_ipv6 ? bytes_of(name.data + 1, name.len - 2) : name;
    if (bare.len == 0 || bare.len >= sizeof text)
        return false;
    memcpy(text, bare.data, bare.len);
    text[bare.len] = '\0';
    return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, &address) == 1;
}

static bool is_local(struct bytes name)
{
    static const char local[] = "localhost";
    size_t len = sizeof local - 1;
    if (name.len <= len)
        return equals_ignoring_case(name, local, len);
    struct bytes end = bytes_of(name.data + name.len - len, len);
    return name.data[name.len - len - 1] == '.' && equals_ignoring_case(end, local, len);
}

/* Returns true if the setting `address` contains this host name. */
static bool is_listened_at(const char *address, struct bytes name)
{
    struct endpoint endpoint;
    return name.len > 0 && endpoint_parse(&endpoint, address) &&
           equals_ignoring_case(name, endpoint.host, strlen(endpoint.host));
}

bool origin_is_host_known(const struct config *config, struct bytes host)
{
    struct bytes name = name_of(host), item;
    const char *list = config->hosts;
    if (host.len > 0 &&
        memchr(host.data, '@', host.len)) /* an absolute target may contain a user name */
        return false;
    if (host.len == 0 || is_address(name) || is_local(name) ||
        is_listened_at(config->listen, name) || is_listened_at(config->metrics_listen, name))
        return true;
    while (take_item(&list, &item)) {
        item = name_of(item);
        if (equals_ignoring_case(name, (const char *)item.data, item.len))
            return true;
    }
    return false;
}

/* ---- Origin and Sec-Fetch-Site ---- */

/* Returns true if the origin is our own: http or https, and the Host of this request. Both schemes
 * count, because a proxy may have terminated TLS.
 */
static bool is_own(struct bytes origin, struct bytes host)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (origin.len > len && memcmp(origin.data, schemes[i], len) == 0 &&
            equals_ignoring_case(bytes_of(origin.data + len, origin.len - len),
                                 (const char *)host.data, host.len))
            return true;
    }
    return false;
}

/* Returns true if the browser opens a page of ours: the user follows a link, or a page leads
 * there. */
static bool is_navigation(const struct guard_pass *pass)
{
    return bytes_equal_string(pass->fetch_mode, "navigate") &&
           (bytes_equal_string(pass->method, "GET") || bytes_equal_string(pass->method, "HEAD"));
}

static bool is_foreign(const struct config *config, const struct guard_pass *pass)
{
    if (pass->origin.data && origin_is_listed(config, pass->origin))
        return false;
    if (pass->origin.data && !is_own(pass->origin, pass->host))
        return true;
    return bytes_equal_string(pass->fetch_site, "cross-site") && !is_navigation(pass);
}

bool origin_is_preflight(const struct config *config, const struct guard_pass *pass)
{
    return bytes_equal_string(pass->method, "OPTIONS") && pass->asks_for_method &&
           pass->origin.data && origin_is_listed(config, pass->origin);
}

size_t origin_headers(const struct config *config, struct bytes origin,
                      struct origin_header headers[ORIGIN_HEADERS_MAX])
{
    static const char exposed[] =
        "location, ratelimit, ratelimit-policy, retry-after, x-request-id";
    size_t count = 0;
    if (config->cors_origins[0])
        headers[count++] = (struct origin_header){"vary", bytes_of_string("origin")};
    if (origin.data && origin_is_listed(config, origin)) {
        headers[count++] = (struct origin_header){"access-control-allow-origin", origin};
        headers[count++] =
            (struct origin_header){"access-control-expose-headers", bytes_of_string(exposed)};
    } else {
        headers[count++] =
            (struct origin_header){"cross-origin-resource-policy", bytes_of_string("same-origin")};
    }
    return count;
}

bool origin_admits_page(const struct config *config, const struct guard_pass *pass,
                        struct problem *problem)
{
    if (!is_foreign(config, pass))
        return true;
    *problem = (struct problem){
        .status = 403,
        .code = "foreign_origin",
        .detail = "Web pages of this origin may not call this gateway; MAYFLY_CORS_ORIGINS can "
                  "allow it.",
    };
    return false;
}

bool origin_admits(const struct config *config, const struct guard_pass *pass,
                   struct problem *problem)
{
    if (origin_is_host_known(config, pass->host))
        return origin_admits_page(config, pass, problem);
    *problem = (struct problem){
        .status = 421,
        .code = "unknown_host",
        .detail = "This gateway does not serve this Host; MAYFLY_HOSTS can add it.",
    };
    return false;
}
