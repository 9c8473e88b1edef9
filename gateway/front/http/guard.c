/* guard.c - reads a head line by line. Each line must end in CR LF, as RFC 9112 requires.
 *
 * If h2o has already parsed the head, it has changed header names to lower case in place, and
 * nothing else.
 */
#include "front/http/guard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX 100 /* the same as in h2o */
#define CONTENT_LENGTH_MAX_DIGITS 18

/* Headers that may occur only once, because parsers differ in which one they use. */
static const struct {
    const char *name, *why;
} once[] = {
    {"content-type", "Content-Type is given more than once"},
    {"content-encoding", "Content-Encoding is given more than once"},
    {"authorization", "Authorization is given more than once"},
    {"x-api-key", "X-API-Key is given more than once"},
    {"origin", "Origin is given more than once"},
    {"sec-fetch-site", "Sec-Fetch-Site is given more than once"},
    {"sec-fetch-mode", "Sec-Fetch-Mode is given more than once"},
};
#define ONCE_MAX (sizeof once / sizeof once[0])

struct head {
    unsigned headers;
    unsigned hosts, lengths, encodings;
    unsigned onces[ONCE_MAX]; /* how often each header in `once` was seen */
    bool is_chunked;
    bool is_http_1_0;
};

/* RFC 9110's token characters. */
static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!isalnum(text.data[i]) && (!text.data[i] || !strchr("!#$%&'*+-.^_`|~", text.data[i])))
            return false;
    }
    return text.len > 0;
}

static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.data[i] < 0x20 && text.data[i] != '\t') || text.data[i] == 0x7f)
            return false;
    }
    return true;
}

static bool equals_ignoring_case(struct bytes text, const char *word)
{
    return text.len == strlen(word) && strncasecmp((const char *)text.data, word, text.len) == 0;
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = bytes_of(text.data + 1, text.len - 1);
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Split `text` at the first `separator` into *before and *after. Returns false when it has none.
 */
static bool split(struct bytes text, char separator, struct bytes *before, struct bytes *after)
{
    const uint8_t *at = text.len > 0 ? memchr(text.data, separator, text.len) : NULL;
    if (!at)
        return false;
    *before = bytes_of(text.data, (size_t)(at - text.data));
    *after = bytes_of(at + 1, text.len - before->len - 1);
    return true;
}

static const char *judge_request_line(struct head *head, struct bytes line)
{
    struct bytes method, target, version;
    if (!split(line, ' ', &method, &line) || !split(line, ' ', &target, &version))
        return "the request line does not have three parts";
    if (!is_token(method) || target.len == 0 || !is_printable(target) ||
        memchr(target.data, '\t', target.len))
        return "the request line is malformed";
    if (version.len != 8 || memcmp(version.data, "HTTP/1.", 7) != 0 || !isdigit(version.data[7]))
        return "the HTTP version is not 1.0 or 1.1";
    head->is_http_1_0 = version.data[7] == '0';
    return NULL;
}

static const char *judge_content_length(struct head *head, struct bytes value)
{
    if (++head->lengths > 1)
        return "Content-Length is given more than once";
    if (value.len == 0)
        return "Content-Length is not a number";
    if (value.len > CONTENT_LENGTH_MAX_DIGITS)
        return "Content-Length is too large";
    for (size_t i = 0; i < value.len; i++) {
        if (!isdigit(value.data[i]))
            return "Content-Length is not a number";
    }
    return NULL;
}

static const char *judge_transfer_encoding(struct head *head, struct bytes value)
{
    if (++head->encodings > 1)
        return "Transfer-Encoding is given more than once";
    if (!equals_ignoring_case(value, "chunked"))
        return "the only supported Transfer-Encoding is chunked";
    head->is_chunked = true;
    return NULL;
}

static const char *judge_host(struct head *head, struct bytes value)
{
    if (++head->hosts > 1)
        return "Host is given more than once";
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] >= 0x80 || strchr(" \t,/?#@\\", value.data[i]))
            return "Host is malformed";
    }
    return NULL;
}

static const char *judge_header(struct head *head, struct bytes line)
{
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return "a header is folded over two lines";
    struct bytes name, value;
    if (++head->headers > HEADERS_MAX)
        return "there are too many headers";
    if (!split(line, ':', &name, &value) || !is_token(name))
        return "a header's name is malformed";
    if (!is_printable(value))
        return "a header contains a control character";
    value = trim(value);
    if (equals_ignoring_case(name, "content-length"))
        return judge_content_length(head, value);
    if (equals_ignoring_case(name, "transfer-encoding"))
        return judge_transfer_encoding(head, value);
    if (equals_ignoring_case(name, "host"))
        return judge_host(head, value);
    for (size_t i = 0; i < ONCE_MAX; i++) {
        if (equals_ignoring_case(name, once[i].name) && ++head->onces[i] > 1)
            return once[i].why;
    }
    return NULL;
}

/* Check what depends on several headers. */
static const char *judge_whole(const struct head *head)
{
    if (head->encodings > 0 && head->lengths > 0)
        return "both Transfer-Encoding and Content-Length are given";
    if (head->encodings > 0 && head->is_http_1_0)
        return "Transfer-Encoding is given in HTTP/1.0";
    if (head->hosts == 0 && !head->is_http_1_0)
        return "Host is missing";
    return NULL;
}

/* Remove the next line from *rest, without its CR LF. Returns NULL, or the fault of the line. */
static const char *take_line(struct bytes *rest, struct bytes *line)
{
    if (!split(*rest, '\n', line, rest))
        return "the header block is too long or has no end";
    if (line->len == 0 || line->data[line->len - 1] != '\r')
        return "a line ends in LF without CR";
    line->len--;
    return NULL;
}

static const char *judge_lines(struct head *head, struct bytes rest)
{
    struct bytes line;
    const char *why = take_line(&rest, &line);
    if (!why && line.len == 0) /* h2o accepts one empty line before the request line */
        why = take_line(&rest, &line);
    if (!why)
        why = judge_request_line(head, line);
    while (!why && !(why = take_line(&rest, &line))) {
        if (line.len == 0)
            return judge_whole(head);
        why = judge_header(head, line);
    }
    return why;
}

/* Returns true if any parser could see the end of a head here. One empty line before the request
 * line does not count. */
static bool has_end(struct bytes text)
{
    const size_t skipped = text.len >= 2 && memcmp(text.data, "\r\n", 2) == 0 ? 2 : 0;
    const uint8_t *from = text.data + skipped;
    size_t len = text.len - skipped;
    return len > 0 && (memmem(from, len, "\n\r\n", 3) || memmem(from, len, "\n\n", 2));
}

enum guard_judgement guard_judge(const char *data, size_t len, const char **why)
{
    struct head head = {0};
    struct bytes text = bytes_of(data, len < GUARD_HEAD_MAX_BYTES ? len : GUARD_HEAD_MAX_BYTES);
    if (len < GUARD_HEAD_MAX_BYTES && !has_end(text))
        return GUARD_MORE;
    const char *sentence = judge_lines(&head, text);
    if (sentence) {
        *why = sentence;
        return GUARD_REFUSE;
    }
    return head.is_chunked ? GUARD_CLOSE : GUARD_KEEP;
}

/* Copy a header that belongs to the pass. */
static void read_header(struct guard_pass *pass, struct bytes name, struct bytes value)
{
    const struct {
        const char *name;
        struct bytes *value;
    } wanted[] = {
        {"host", &pass->host},
        {"authorization", &pass->authorization},
        {"x-api-key", &pass->api_key},
        {"x-request-id", &pass->request_id},
        {"origin", &pass->origin},
        {"sec-fetch-site", &pass->fetch_site},
        {"sec-fetch-mode", &pass->fetch_mode},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (equals_ignoring_case(name, wanted[i].name))
            *wanted[i].value = trim(value);
    }
    if (equals_ignoring_case(name, "access-control-request-method"))
        pass->asks_for_method = true;
}

/* Returns what follows "http://" or "https://" in an absolute target; data is NULL for other
 * targets. */
static struct bytes after_scheme(struct bytes target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (target.len >= len && strncasecmp((const char *)target.data, schemes[i], len) == 0)
            return bytes_of(target.data + len, target.len - len);
    }
    return (struct bytes){0};
}

/* Returns the host and port of an absolute target; data is NULL for other targets. */
static struct bytes authority_of(struct bytes target)
{
    struct bytes rest = after_scheme(target);
    size_t len = 0;
    while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?')
        len++;
    rest.len = len;
    return rest;
}

struct guard_pass guard_pass_of(const char *data, size_t len)
{
    struct guard_pass pass = {0};
    struct bytes rest = bytes_of(data, len), line, target = {0}, version, name, value;
    do {
        if (take_line(&rest, &line))
            return pass;
    } while (line.len == 0);
    if (split(line, ' ', &pass.method, &line) && split(line, ' ', &target, &version))
        pass.path = guard_path(target);
    while (!take_line(&rest, &line) && line.len > 0) {
        if (split(line, ':', &name, &value))
            read_header(&pass, name, value);
    }
    struct bytes authority = authority_of(target);
    if (authority.data)
        pass.host = authority;
    return pass;
}

struct bytes guard_path(struct bytes target)
{
    struct bytes before, after;
    if (split(target, '?', &before, &after))
        target = before;
    struct bytes rest = after_scheme(target);
    if (!rest.data)
        return target;
    const uint8_t *slash = rest.len > 0 ? memchr(rest.data, '/', rest.len) : NULL;
    return slash ? bytes_of(slash, rest.len - (size_t)(slash - rest.data)) : bytes_of_string("/");
}

struct bytes guard_query(struct bytes target)
{
    struct bytes before, after;
    return split(target, '?', &before, &after) ? after : (struct bytes){0};
}
