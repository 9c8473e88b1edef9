#include "unit.h"

#include <stdio.h>

#include "front/http/guard.h"

#define POST "POST /api/v1/execute HTTP/1.1\r\n"
#define HOST "host: t\r\n"

struct row {
    const char *name, *head;
    enum guard_judgement expected;
};

static const struct row rows[] = {
    {"no body", "GET /livez HTTP/1.1\r\n" HOST "\r\n", GUARD_KEEP},
    {"a length", POST HOST "content-length: 12\r\n\r\n{\"code\":\"x\"}", GUARD_KEEP},
    {"a length of zero", POST HOST "content-length: 0\r\n\r\n", GUARD_KEEP},
    {"spaces around the length", POST HOST "content-length: \t 12 \r\n\r\n", GUARD_KEEP},
    {"names in upper case", POST "HOST: t\r\nCONTENT-LENGTH: 12\r\n\r\n", GUARD_KEEP},
    {"one empty line first", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", GUARD_KEEP},
    {"an empty host", "GET / HTTP/1.1\r\nhost:\r\n\r\n", GUARD_KEEP},
    {"a host with a port", "GET / HTTP/1.1\r\nhost: [::1]:80\r\n\r\n", GUARD_KEEP},
    {"HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", GUARD_KEEP},
    {"HTTP/1.9", "GET / HTTP/1.9\r\n" HOST "\r\n", GUARD_KEEP},
    {"what follows is not judged", "GET / HTTP/1.1\r\n" HOST "\r\nhost: u\nhost: v\n\n",
     GUARD_KEEP},
    {"bytes past ASCII in a value", "GET / HTTP/1.1\r\n" HOST "x: \xc3\xa9\r\n\r\n", GUARD_KEEP},
    {"an empty value", "GET / HTTP/1.1\r\n" HOST "x:\r\n\r\n", GUARD_KEEP},

    {"chunked", POST HOST "transfer-encoding: chunked\r\n\r\n", GUARD_CLOSE},
    {"chunked in upper case", POST HOST "Transfer-Encoding: CHUNKED\r\n\r\n", GUARD_CLOSE},

    {"two lengths", POST HOST "content-length: 1\r\ncontent-length: 2\r\n\r\n", GUARD_REFUSE},
    {"one length twice", POST HOST "content-length: 1\r\ncontent-length: 1\r\n\r\n", GUARD_REFUSE},
    {"a list of lengths", POST HOST "content-length: 5, 5\r\n\r\n", GUARD_REFUSE},
    {"a signed length", POST HOST "content-length: +5\r\n\r\n", GUARD_REFUSE},
    {"a negative length", POST HOST "content-length: -1\r\n\r\n", GUARD_REFUSE},
    {"a hexadecimal length", POST HOST "content-length: 0x5\r\n\r\n", GUARD_REFUSE},
    {"an empty length", POST HOST "content-length:\r\n\r\n", GUARD_REFUSE},
    {"a length of 2^64", POST HOST "content-length: 18446744073709551616\r\n\r\n", GUARD_REFUSE},
    {"length, then chunked", POST HOST "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
     GUARD_REFUSE},
    {"chunked, then length", POST HOST "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n",
     GUARD_REFUSE},
    {"identity, chunked", POST HOST "transfer-encoding: identity, chunked\r\n\r\n", GUARD_REFUSE},
    {"identity", POST HOST "transfer-encoding: identity\r\n\r\n", GUARD_REFUSE},
    {"chunked twice", POST HOST "transfer-encoding: chunked, chunked\r\n\r\n", GUARD_REFUSE},
    {"two encodings", POST HOST "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n",
     GUARD_REFUSE},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST "transfer-encoding: chunked\r\n\r\n",
     GUARD_REFUSE},
    {"an encoding after a vertical tab",
     POST HOST "transfer-encoding: \x0b"
               "chunked\r\n\r\n",
     GUARD_REFUSE},
    {"a space before the colon", POST HOST "content-length : 5\r\n\r\n", GUARD_REFUSE},
    {"a folded line", POST HOST "x: y\r\n z\r\n\r\n", GUARD_REFUSE},
    {"a folded first line", POST " x: y\r\n" HOST "\r\n", GUARD_REFUSE},
    {"a bare LF after the request line", "GET / HTTP/1.1\n" HOST "\r\n", GUARD_REFUSE},
    {"a bare LF after a header", "GET / HTTP/1.1\r\nhost: t\n\r\n", GUARD_REFUSE},
    {"a bare LF at the end", "GET / HTTP/1.1\r\n" HOST "\n", GUARD_REFUSE},
    {"a CR within", "GET / HTTP/1.1\r\n" HOST "x: a\rb\r\n\r\n", GUARD_REFUSE},
    {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", GUARD_REFUSE},
    {"no host", "GET / HTTP/1.1\r\n\r\n", GUARD_REFUSE},
    {"two hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", GUARD_REFUSE},
    {"two hosts in one", "GET / HTTP/1.1\r\nhost: a, b\r\n\r\n", GUARD_REFUSE},
    {"a host with a path", "GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", GUARD_REFUSE},
    {"a host with a user", "GET / HTTP/1.1\r\nhost: a@b\r\n\r\n", GUARD_REFUSE},
    {"no colon", "GET / HTTP/1.1\r\n" HOST "x\r\n\r\n", GUARD_REFUSE},
    {"no name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", GUARD_REFUSE},
    {"a name that is no token", "GET / HTTP/1.1\r\n" HOST "a(b: x\r\n\r\n", GUARD_REFUSE},
    {"no target", "GET  HTTP/1.1\r\n" HOST "\r\n", GUARD_REFUSE},
    {"two spaces", "GET /  HTTP/1.1\r\n" HOST "\r\n", GUARD_REFUSE},
    {"HTTP/0.9", "GET /\r\n" HOST "\r\n", GUARD_REFUSE},
    {"HTTP/2.0", "PRI * HTTP/2.0\r\n" HOST "\r\n", GUARD_REFUSE},
    {"HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", GUARD_REFUSE},
    {"a length of 19 digits", POST HOST "content-length: 9223372036854775807\r\n\r\n",
     GUARD_REFUSE},
    {"two media types", POST HOST "content-type: a/b\r\ncontent-type: c/d\r\n\r\n", GUARD_REFUSE},
    {"two encodings", POST HOST "content-encoding: a\r\ncontent-encoding: b\r\n\r\n", GUARD_REFUSE},
    {"two origins", POST HOST "origin: http://a\r\norigin: http://b\r\n\r\n", GUARD_REFUSE},
    {"two sites", POST HOST "sec-fetch-site: none\r\nSec-Fetch-Site: none\r\n\r\n", GUARD_REFUSE},
    {"two modes", POST HOST "sec-fetch-mode: cors\r\nsec-fetch-mode: cors\r\n\r\n", GUARD_REFUSE},
    {"only empty lines", "\r\n\r\n\r\n", GUARD_REFUSE},

    {"no end", "GET / HTTP/1.1\r\n" HOST, GUARD_MORE},
    {"an empty line and no end", "\r\nGET / HTTP/1.1\r\n" HOST, GUARD_MORE},
    {"a bare LF and no end", "GET / HTTP/1.1\n" HOST, GUARD_MORE},
    {"one empty line", "\r\n", GUARD_MORE},
    {"nothing", "", GUARD_MORE},
};

static void every_row_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *why = NULL;
        enum guard_judgement got = guard_judge(rows[i].head, strlen(rows[i].head), &why);
        check(got == rows[i].expected, "%s", rows[i].name);
        check((why != NULL) == (got == GUARD_REFUSE), "%s", rows[i].name);
    }
}

static void a_head_cut_anywhere_is_not_judged(void **state)
{
    (void)state;
    static const char head[] = POST HOST "content-length: 12\r\n\r\n";
    const char *why;
    for (size_t len = 0; len < sizeof head - 1; len++)
        check(guard_judge(head, len, &why) == GUARD_MORE, "cut at %zu", len);
    assert_int_equal(guard_judge(head, sizeof head - 1, &why), GUARD_KEEP);
}

static void a_nul_is_refused(void **state)
{
    (void)state;
    static const char in_value[] = "GET / HTTP/1.1\r\n" HOST "x: a\0b\r\n\r\n";
    static const char in_host[] = "GET / HTTP/1.1\r\nhost: a\0b\r\n\r\n";
    static const char in_name[] = "GET / HTTP/1.1\r\n" HOST "x\0y: a\r\n\r\n";
    static const char in_target[] = "GET /\0 HTTP/1.1\r\n" HOST "\r\n";
    const char *why;
    assert_int_equal(guard_judge(in_value, sizeof in_value - 1, &why), GUARD_REFUSE);
    assert_int_equal(guard_judge(in_host, sizeof in_host - 1, &why), GUARD_REFUSE);
    assert_int_equal(guard_judge(in_name, sizeof in_name - 1, &why), GUARD_REFUSE);
    assert_int_equal(guard_judge(in_target, sizeof in_target - 1, &why), GUARD_REFUSE);
}

static void a_head_is_at_most_64_kib_long(void **state)
{
    (void)state;
    static const char begin[] = "GET / HTTP/1.1\r\n" HOST "x: ", end[] = "\r\n\r\n";
    static char head[GUARD_HEAD_MAX_BYTES + 1];
    const char *why;
    for (size_t over = 0; over <= 1; over++) {
        size_t len = GUARD_HEAD_MAX_BYTES + over;
        memset(head, 'a', len);
        memcpy(head, begin, sizeof begin - 1);
        memcpy(head + len - (sizeof end - 1), end, sizeof end - 1);
        assert_int_equal(guard_judge(head, len, &why), over ? GUARD_REFUSE : GUARD_KEEP);
    }
}

static void too_long_a_head_without_an_end_is_refused(void **state)
{
    (void)state;
    static char head[GUARD_HEAD_MAX_BYTES];
    const char *why;
    memset(head, 'a', sizeof head);
    assert_int_equal(guard_judge(head, sizeof head - 1, &why), GUARD_MORE);
    assert_int_equal(guard_judge(head, sizeof head, &why), GUARD_REFUSE);
}

static void a_head_has_at_most_100_headers(void **state)
{
    (void)state;
    const char *why;
    for (size_t headers = 100; headers <= 101; headers++) {
        struct buf head;
        buf_init(&head, 4096);
        buf_append_string(&head, "GET / HTTP/1.1\r\n" HOST);
        for (size_t i = 1; i < headers; i++)
            buf_append_string(&head, "x: y\r\n");
        buf_append_string(&head, "\r\n");
        assert_int_equal(guard_judge((const char *)buf_bytes(&head).data, head.len, &why),
                         headers > 100 ? GUARD_REFUSE : GUARD_KEEP);
        buf_release(&head);
    }
}

static void path_and_query_are_raw(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query;
    } targets[] = {
        {"/health", "/health", ""},
        {"/health?a=/b", "/health", "a=/b"},
        {"/a/%2e%2e/b", "/a/%2e%2e/b", ""},
        {"http://host/health?x", "/health", "x"},
        {"HTTPS://host:1/a", "/a", ""},
        {"http://host", "/", ""},
        {"http://host?x", "/", "x"},
        {"/?a?b", "/", "a?b"},
        {"*", "*", ""},
        {"?", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct bytes target = bytes_of_string(targets[i].target);
        check(bytes_equal_string(guard_path(target), targets[i].path), "%s", targets[i].target);
        check(bytes_equal_string(guard_query(target), targets[i].query), "%s", targets[i].target);
    }
}

static void a_head_shows_who_sends_it(void **state)
{
    (void)state;
    static const char head[] = "\r\nPOST /a?b HTTP/1.1\r\nHOST:\tlocalhost:8000 \r\n"
                               "Origin: http://a\r\nSec-Fetch-Site: cross-site\r\n"
                               "Sec-Fetch-Mode: cors\r\nAuthorization: Bearer k\r\n"
                               "X-API-Key: k\r\nX-Request-Id: 7\r\n"
                               "Access-Control-Request-Method: GET\r\n\r\nhost: b\r\n";
    const struct guard_pass pass = guard_pass_of(head, sizeof head - 1);
    assert_true(bytes_equal_string(pass.method, "POST"));
    assert_true(bytes_equal_string(pass.path, "/a"));
    assert_true(bytes_equal_string(pass.host, "localhost:8000"));
    assert_true(bytes_equal_string(pass.origin, "http://a"));
    assert_true(bytes_equal_string(pass.fetch_site, "cross-site"));
    assert_true(bytes_equal_string(pass.fetch_mode, "cors"));
    assert_true(bytes_equal_string(pass.authorization, "Bearer k"));
    assert_true(bytes_equal_string(pass.api_key, "k"));
    assert_true(bytes_equal_string(pass.request_id, "7"));
    assert_true(pass.asks_for_method);
    static const char plain[] = "GET / HTTP/1.0\r\n\r\n";
    const struct guard_pass none = guard_pass_of(plain, sizeof plain - 1);
    assert_true(!none.host.data && !none.origin.data && !none.fetch_site.data);
    assert_false(none.asks_for_method);
}

static void a_target_in_absolute_form_names_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *target, *host;
    } targets[] = {
        {"http://a:1/x", "a:1"}, {"HTTPS://a", "a"}, {"http://a?x", "a"},
        {"http:///x", ""},       {"/http://a", "t"}, {"*", "t"},
    };
    for (size_t i = 0; i < COUNT(targets); i++) {
        char head[128];
        snprintf(head, sizeof head, "GET %s HTTP/1.1\r\n" HOST "\r\n", targets[i].target);
        const struct guard_pass pass = guard_pass_of(head, strlen(head));
        check(bytes_equal_string(pass.host, targets[i].host), "%s", targets[i].target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_judged),
        cmocka_unit_test(a_head_cut_anywhere_is_not_judged),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(a_head_is_at_most_64_kib_long),
        cmocka_unit_test(too_long_a_head_without_an_end_is_refused),
        cmocka_unit_test(a_head_has_at_most_100_headers),
        cmocka_unit_test(path_and_query_are_raw),
        cmocka_unit_test(a_head_shows_who_sends_it),
        cmocka_unit_test(a_target_in_absolute_form_names_the_host),
    };
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
