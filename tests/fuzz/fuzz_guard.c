/* Checks the guard, which reads the raw head of an HTTP request. A head that it accepts must have
 * only one possible framing, so that no other parser finds a second request in it. The result must
 * not depend on the bytes behind the head or on how many of them have arrived.
 */
#include "fuzz.h"

#include <ctype.h>

#include "front/http/origin.h"

static enum guard_judgement judged(const uint8_t *data, size_t len)
{
    const char *why = NULL;
    /* A copy, so that the sanitizer notices reads past the end. */
    char *copy = malloc(len + (len == 0));
    must(copy != NULL);
    memcpy(copy, data, len);
    enum guard_judgement judgement = guard_judge(copy, len, &why);
    must((why != NULL) == (judgement == GUARD_REFUSE));
    must(judgement != GUARD_MORE || len < GUARD_HEAD_MAX_BYTES);
    free(copy);
    return judgement;
}

/* Length of the shortest prefix that the guard decides about, len if there is none. */
static size_t judged_len(const uint8_t *data, size_t len)
{
    size_t least = 0;
    while (least < len && judged(data, least) == GUARD_MORE)
        least++;
    return least;
}

/* Position of the first needle, len if there is none. */
static size_t find(const char *text, size_t len, const char *needle)
{
    const char *at = memmem(text, len, needle, strlen(needle));
    return at ? (size_t)(at - text) : len;
}

static size_t count(const char *text, size_t len, const char *needle)
{
    size_t seen = 0;
    for (size_t at; (at = find(text, len, needle)) < len; seen++) {
        text += at + 1;
        len -= at + 1;
    }
    return seen;
}

/* Count the lines that begin with a header's name, also in a malformed way such as "content-length
 * :". A longer name, such as "content-length2", is another header and is not counted. */
static size_t count_disguised(const char *head, size_t len, const char *name)
{
    size_t seen = 0;
    for (size_t at; (at = find(head, len, name)) < len; seen++) {
        head += at + strlen(name);
        len -= at + strlen(name);
        if (len > 0 && (isalnum((unsigned char)*head) || strchr("!#$%&'*+-.^_`|~", *head)))
            seen--;
    }
    return seen;
}

/* Check a head that the guard accepted by simple searches in its bytes. */
static void check_passed(const uint8_t *data, size_t len, enum guard_judgement judgement)
{
    char *head = malloc(len);
    must(head != NULL);
    for (size_t i = 0; i < len; i++)
        head[i] = (char)tolower(data[i]);
    must(len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0);
    must(memchr(head, 0, len) == NULL);
    size_t lines = count(head, len, "\r\n");
    must(count(head, len, "\n") == lines && count(head, len, "\r") == lines);
    size_t lengths = count(head, len, "\ncontent-length:");
    size_t encodings = count(head, len, "\ntransfer-encoding:");
    must(count_disguised(head, len, "\ncontent-length") == lengths);
    must(count_disguised(head, len, "\ntransfer-encoding") == encodings);
    must(lengths + encodings <= 1);
    must(encodings == (judgement == GUARD_CLOSE));
    must(count(head, len, "\nhost:") == 1 || find(head, len, " http/1.0\r\n") < len);
    must(count(head, len, "\nhost:") <= 1);
    must(find(head, len, "\n ") == len && find(head, len, "\n\t") == len);
    free(head);
}

/* Check that the decision about Host and Origin fits the headers that the guard extracted. */
static void check_pass(const uint8_t *data, size_t len)
{
    static const struct config config = {.hosts = "front", .cors_origins = "https://app.example"};
    struct origin_header headers[ORIGIN_HEADERS_MAX];
    struct problem problem = {0};
    const struct guard_pass pass = guard_pass_of((const char *)data, len);
    must(origin_admits(&config, &pass, &problem) == (problem.status == 0));
    must(problem.status == 0 || problem.status == 403 || problem.status == 421);
    must(problem.status != 421 || !origin_is_host_known(&config, pass.host));
    must(!origin_is_preflight(&config, &pass) || origin_is_listed(&config, pass.origin));
    size_t count = origin_headers(&config, pass.origin, headers);
    must((count == 3) == origin_is_listed(&config, pass.origin));
}

static void check_path(struct bytes target)
{
    struct bytes path = guard_path(target);
    bool is_view = path.data >= target.data && path.data + path.len <= target.data + target.len;
    must(is_view || bytes_equal_string(path, "/"));
    must(path.len == 0 || !memchr(path.data, '?', path.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    enum guard_judgement judgement = judged(data, len);
    if (len < 1024) {
        size_t least = judged_len(data, len);
        must(judged(data, least) == judgement);
        if (judgement == GUARD_KEEP || judgement == GUARD_CLOSE)
            check_passed(data, least, judgement);
        if (judgement == GUARD_KEEP || judgement == GUARD_CLOSE)
            check_pass(data, least);
    }
    if (len > 0)
        check_path(bytes_of(data, len));
    return 0;
}
