#include "client/address.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "common/endpoint.h"

/* Returns the text of a URL's part, owned by the caller (curl_free); NULL where the URL has
 * none. */
static char *part_of(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = part_of(url, part);
    curl_free(text);
    return text != NULL;
}

static bool is_plain(CURLU *url)
{
    char *scheme = part_of(url, CURLUPART_SCHEME);
    bool is_http = scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    return is_http && !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) &&
           !has_part(url, CURLUPART_QUERY) && !has_part(url, CURLUPART_FRAGMENT);
}

static bool append(struct buf *out, CURLU *url, const char *path)
{
    char *text = part_of(url, CURLUPART_URL);
    if (!text)
        return false;
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '/')
        len--;
    size_t before = out->len;
    bool is_whole =
        buf_append(out, text, len) && buf_append(out, path, strlen(path) + 1); /* with the NUL */
    curl_free(text);
    if (!is_whole)
        buf_truncate(out, before);
    return is_whole;
}

bool address_write(struct buf *out, const char *base, const char *path, struct error *err)
{
    CURLU *url = curl_url();
    bool is_good = url && curl_url_set(url, CURLUPART_URL, base, CURLU_GUESS_SCHEME) == CURLUE_OK &&
                   is_plain(url) && append(out, url, path);
    curl_url_cleanup(url);
    /* Do not quote the URL: it may hold a password. */
    return is_good || error_set(err, ERR_INVALID,
                                "the gateway's URL must be http://HOST[:PORT][/PATH], or https, "
                                "without user, query and fragment");
}

bool address_write_near(struct buf *out, const char *listen, const char *path, struct error *err)
{
    struct endpoint endpoint;
    char base[sizeof(endpoint) + sizeof("http://[]:")];
    if (!endpoint_parse(&endpoint, listen))
        return error_set(err, ERR_INVALID, "MAYFLY_LISTEN is \"%s\": must be address:port", listen);
    const char *host = endpoint_near_host(&endpoint);
    bool is_v6 = strchr(host, ':') != NULL;
    snprintf(base, sizeof(base), "http://%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
             endpoint.port);
    return address_write(out, base, path, err);
}

bool address_find(struct buf *out, const char *url, const char *listen, const char *path,
                  struct error *err)
{
    return url ? address_write(out, url, path, err) : address_write_near(out, listen, path, err);
}
