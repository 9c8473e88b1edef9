#include "unit.h"

#include <stdio.h>

#include "front/http/origin.h"

static const struct config config = {
    .listen = "box.lan:8000",
    .metrics_listen = "10.0.0.1:9090",
    .hosts = "front,Code.Example.com",
    .cors_origins = "https://app.example,http://localhost:3000",
};
static const struct config bare = {.hosts = ""};

static struct bytes view(const char *text)
{
    return text ? bytes_of_string(text) : (struct bytes){0};
}

static void a_host_is_local_an_address_or_named(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool is_known;
    } rows[] = {
        {NULL, true},
        {"", true},
        {"localhost", true},
        {"localhost:8000", true},
        {"LocalHost:1", true},
        {"localhost.", true},
        {"a.b.localhost:8000", true},
        {"127.0.0.1", true},
        {"127.0.0.1:8000", true},
        {"10.1.2.3:80", true},
        {"[::1]", true},
        {"[::1]:8000", true},
        {"[fe80::1]:8000", true},
        {"front", true},
        {"front:9090", true},
        {"FRONT:9090", true},
        {"front.", true},
        {"code.example.com", true},
        {"code.example.com:443", true},
        {"box.lan", true},
        {"Box.lan:9", true},
        {"evil.example", false},
        {"evil.example:8000", false},
        {"t", false},
        {"fron", false},
        {"frontier", false},
        {"x.front", false},
        {"front,Code.Example.com", false},
        {"localhost.evil.example", false},
        {"notlocalhost", false},
        {".localhost", true},
        {"127.0.0.1.evil.example", false},
        {"127.0.0", false},
        {"0x7f.1", false},
        {"2130706433", false},
        {"256.0.0.1", false},
        {"[::1", false},
        {"[]", false},
        {"[evil]", false},
        {"[127.0.0.1]", false},
        {"::1", false},
        {":8000", false},
        {".", false},
        {"localhost:x@evil.example", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(origin_is_host_known(&config, view(rows[i].host)) == rows[i].is_known, "%s",
              rows[i].host ? rows[i].host : "none");
    assert_false(origin_is_host_known(&bare, view("front")));
    assert_true(origin_is_host_known(&bare, view("localhost")));
}

static void an_origin_is_listed_byte_for_byte(void **state)
{
    (void)state;
    static const char *const others[] = {"https://app.example.",
                                         "https://app.example:443",
                                         "http://app.example",
                                         "https://App.example",
                                         "https://app.exampl",
                                         "https://app.example,http",
                                         "https://x.app.example",
                                         "http://localhost:300",
                                         "http://localhost",
                                         "null",
                                         "",
                                         "*"};
    assert_true(origin_is_listed(&config, view("https://app.example")));
    assert_true(origin_is_listed(&config, view("http://localhost:3000")));
    for (size_t i = 0; i < COUNT(others); i++) {
        check(!origin_is_listed(&config, view(others[i])), "%s", others[i]);
        check(!origin_is_listed(&bare, view(others[i])), "%s", others[i]);
    }
}

static void pages_of_other_origins_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *method, *host, *origin, *site, *mode;
        int status; /* 0: it passes */
    } rows[] = {
        /* no browser */
        {"POST", "localhost:8000", NULL, NULL, NULL, 0},
        {"POST", NULL, NULL, NULL, NULL, 0},
        /* our own pages */
        {"POST", "localhost:8000", "http://localhost:8000", "same-origin", "cors", 0},
        {"POST", "front", "https://front", NULL, NULL, 0},
        {"POST", "FRONT", "https://front", NULL, NULL, 0},
        {"GET", "localhost:8000", NULL, "same-origin", "no-cors", 0},
        {"GET", "localhost:8000", NULL, "none", "navigate", 0},
        /* pages that may */
        {"POST", "localhost:8000", "http://localhost:3000", "same-site", "cors", 0},
        {"POST", "localhost:8000", "https://app.example", "cross-site", "cors", 0},
        {"OPTIONS", "localhost:8000", "https://app.example", "cross-site", "cors", 0},
        /* a link from elsewhere */
        {"GET", "localhost:8000", NULL, "cross-site", "navigate", 0},
        {"HEAD", "localhost:8000", NULL, "cross-site", "navigate", 0},
        /* all others */
        {"POST", "localhost:8000", NULL, "cross-site", "navigate", 403},
        {"GET", "localhost:8000", NULL, "cross-site", "no-cors", 403},
        {"GET", "localhost:8000", NULL, "cross-site", NULL, 403},
        {"POST", "localhost:8000", "http://evil.example", NULL, NULL, 403},
        {"GET", "localhost:8000", "http://evil.example", "cross-site", "cors", 403},
        {"GET", "localhost:8000", "http://evil.example", "cross-site", "navigate", 403},
        {"POST", "localhost:8000", "http://localhost:8001", "same-site", "cors", 403},
        {"POST", "localhost:8000", "http://localhost", NULL, NULL, 403},
        {"POST", "localhost:8000", "ftp://localhost:8000", NULL, NULL, 403},
        {"POST", "localhost:8000", "null", "cross-site", "cors", 403},
        {"POST", "localhost:8000", "", NULL, NULL, 403},
        {"POST", NULL, "http://", NULL, NULL, 403},
        {"OPTIONS", "localhost:8000", "http://evil.example", "cross-site", "cors", 403},
        /* another name that points to us: its page has the same origin */
        {"POST", "evil.example:8000", "http://evil.example:8000", "same-origin", "cors", 421},
        {"GET", "evil.example:8000", NULL, "none", "navigate", 421},
        {"GET", "evil.example", NULL, NULL, NULL, 421},
        {"POST", "evil.example", "https://app.example", "cross-site", "cors", 421},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct problem problem = {0};
        const struct guard_pass pass = {
            .method = view(rows[i].method),
            .path = bytes_of_string("/"),
            .host = view(rows[i].host),
            .origin = view(rows[i].origin),
            .fetch_site = view(rows[i].site),
            .fetch_mode = view(rows[i].mode),
        };
        bool passes = origin_admits(&config, &pass, &problem);
        check(passes == (rows[i].status == 0) && problem.status == rows[i].status, "row %zu: %d", i,
              problem.status);
    }
}

static void a_preflight_names_its_method(void **state)
{
    (void)state;
    struct guard_pass pass = {
        .method = view("OPTIONS"), .origin = view("https://app.example"), .asks_for_method = true};
    assert_true(origin_is_preflight(&config, &pass));
    assert_false(origin_is_preflight(&bare, &pass));
    pass.asks_for_method = false;
    assert_false(origin_is_preflight(&config, &pass));
    pass.asks_for_method = true;
    pass.method = view("POST");
    assert_false(origin_is_preflight(&config, &pass));
    pass = (struct guard_pass){.method = view("OPTIONS"), .asks_for_method = true};
    assert_false(origin_is_preflight(&config, &pass));
}

/* Returns the headers as one text, each as "name: value; ". */
static const char *told(const struct config *settings, const char *origin)
{
    static char text[512];
    struct origin_header headers[ORIGIN_HEADERS_MAX];
    size_t count = origin_headers(settings, view(origin), headers), len = 0;
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s: %.*s; ", headers[i].name,
                                (int)headers[i].value.len, (const char *)headers[i].value.data);
    return text;
}

static void answers_say_who_may_read_them(void **state)
{
    (void)state;
    static const char ours[] = "cross-origin-resource-policy: same-origin; ";
    static const char varied[] = "vary: origin; cross-origin-resource-policy: same-origin; ";
    assert_string_equal(told(&bare, NULL), ours);
    assert_string_equal(told(&bare, "https://app.example"), ours);
    assert_string_equal(told(&config, NULL), varied);
    assert_string_equal(told(&config, "http://evil.example"), varied);
    assert_string_equal(told(&config, "https://app.example"),
                        "vary: origin; access-control-allow-origin: https://app.example; "
                        "access-control-expose-headers: location, ratelimit, ratelimit-policy, "
                        "retry-after, x-request-id; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_local_an_address_or_named),
        cmocka_unit_test(an_origin_is_listed_byte_for_byte),
        cmocka_unit_test(pages_of_other_origins_are_refused),
        cmocka_unit_test(a_preflight_names_its_method),
        cmocka_unit_test(answers_say_who_may_read_them),
    };
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
