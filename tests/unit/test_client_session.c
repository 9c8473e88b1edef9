#include "unit.h"

#include <stdio.h>

#include "client/session.h"

#define SESSION                                                                                    \
    "{\"id\":\"a.b\",\"state\":\"idle\",\"runtime\":\"python\",\"created_at\":\"now\","            \
    "\"expires_at\":\"2026-11-30T23:04:24.123Z\",\"idle_expires_at\":null,\"idle_timeout\":600,"   \
    "\"max_lifetime\":3600.5,\"executions\":3,\"generation\":2,\"running\":null,\"limits\":{},"    \
    "\"memory_bytes\":null}"

static void ids(void **state)
{
    (void)state;
    static const char longest[] =
        "0123456789012345678901234567890123456789012345678901234567890123";
    static const struct {
        const char *id;
        bool is_good;
    } rows[] = {
        {"a", true},   {"0", true},   {"A.b_c-9", true},   {longest, true}, {"", false},
        {".a", false}, {"-a", false}, {"_a", false},       {"a/b", false},  {"a b", false},
        {"a?", false}, {"..", false}, {"\xc3\xa4", false},
    };
    char too_long[sizeof(longest) + 1];
    snprintf(too_long, sizeof(too_long), "%sa", longest);
    assert_false(job_is_session_name(bytes_of_string(too_long)));
    for (size_t i = 0; i < COUNT(rows); i++)
        check(job_is_session_name(bytes_of_string(rows[i].id)) == rows[i].is_good, "%s",
              rows[i].id);
}

static bool reads(const char *text, struct session *session)
{
    struct error why = {.kind = ERR_NONE};
    struct json *value = json_parse((const uint8_t *)text, strlen(text), &why);
    bool is_read = session_read(session, value, &why);
    assert_true(is_read == (why.kind == ERR_NONE) && (is_read || why.kind == ERR_PROTOCOL));
    json_free(value);
    return is_read;
}

/* The session with `from` replaced by `to`. */
static bool reads_with(const char *from, const char *to)
{
    struct session session = {.executions = 77};
    char text[1024];
    const char *at = strstr(SESSION, from);
    assert_non_null(at);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - SESSION), SESSION, to, at + strlen(from));
    bool is_read = reads(text, &session);
    assert_true(is_read || session.executions == 77);
    return is_read;
}

static void a_session_is_read(void **state)
{
    (void)state;
    struct session session;
    assert_true(reads(SESSION, &session));
    assert_string_equal(session.id, "a.b");
    assert_string_equal(session.state, "idle");
    assert_string_equal(session.runtime, "python");
    assert_string_equal(session.expires_at, "2026-11-30T23:04:24.123Z");
    assert_string_equal(session.idle_expires_at, "");
    assert_int_equal(session.executions, 3);
    assert_int_equal(session.generation, 2);
    assert_true(session.max_lifetime_s > 3600.4 && session.idle_timeout_s == 600);
}

static void another_object_is_none(void **state)
{
    (void)state;
    struct session session;
    assert_false(reads("null", &session));
    assert_false(reads("[]", &session));
    assert_false(reads_with("\"a.b\"", "\"a/b\""));
    assert_false(reads_with("\"a.b\"", "\"\""));
    assert_false(reads_with("\"a.b\"", "7"));
    assert_false(reads_with("\"idle\"", "\"a\\u001bb\""));
    assert_false(reads_with("\"idle\"", "\"a state that is much too long\""));
    assert_false(reads_with("\"python\"", "null"));
    assert_false(reads_with("2026", "\\n2026"));
    assert_false(reads_with("\"executions\":3", "\"executions\":-3"));
    assert_false(reads_with("\"executions\":3", "\"executions\":1.5"));
    assert_false(reads_with("\"generation\":2", "\"generation\":null"));
    assert_false(reads_with("600", "\"600\""));
}

static void paths(void **state)
{
    (void)state;
    struct buf path;
    buf_init(&path, 200);
    assert_true(session_put_path(&path, "a.b", "/executions"));
    assert_true(holds(&path, "/api/v1/sessions/a.b/executions\0"));
    buf_truncate(&path, 0);
    assert_true(session_put_file_path(&path, "a", bytes_of_string("d/a b%?#\xc3\xa4.csv")));
    assert_true(holds(&path, "/api/v1/sessions/a/files/d/a%20b%25%3F%23%C3%A4.csv\0"));
    buf_truncate(&path, 0);
    assert_true(session_put_list_path(&path, "a", "*.[ab]"));
    assert_true(holds(&path, "/api/v1/sessions/a/files?glob=%2A.%5Bab%5D\0"));
    buf_truncate(&path, 0);
    assert_true(session_put_list_path(&path, "a", NULL));
    assert_true(holds(&path, "/api/v1/sessions/a/files?glob=%2A%2A\0"));
    buf_release(&path);
}

static void lists(void **state)
{
    (void)state;
    struct error why = {.kind = ERR_NONE};
    struct buf out;
    bool is_cut = false;
    static const struct {
        const char *list;
        bool is_good, is_cut;
    } rows[] = {
        {"{\"files\":[{\"path\":\"a\\u001b\\u009b.csv\",\"size_bytes\":12}],\"truncated\":true}",
         true, true},
        {"{\"files\":[]}", true, false},
        {"{\"files\":{}}", false, false},
        {"{\"files\":[1]}", false, false},
        {"{\"files\":[{\"path\":\"a\",\"size_bytes\":-1}]}", false, false},
        {"{\"files\":[{\"path\":null,\"size_bytes\":1}]}", false, false},
    };
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *list = json_parse((const uint8_t *)rows[i].list, strlen(rows[i].list), &why);
        buf_truncate(&out, 0);
        is_cut = false;
        check(session_put_files(&out, list, &is_cut, &why) == rows[i].is_good, "%s", rows[i].list);
        assert_int_equal(is_cut, rows[i].is_cut);
        assert_true(rows[i].is_good || out.len == 0);
        if (rows[i].is_cut)
            assert_true(holds(&out, "          12  a\\u001b\\u009b.csv\n"));
        json_free(list);
    }
    struct json *list = json_parse((const uint8_t *)"{\"sessions\":[" SESSION ",7]}",
                                   sizeof("{\"sessions\":[" SESSION ",7]}") - 1, &why);
    buf_truncate(&out, 0);
    assert_false(session_put_table(&out, list, &why));
    assert_int_equal(out.len, 0);
    json_free(list);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(a_session_is_read),
        cmocka_unit_test(another_object_is_none),
        cmocka_unit_test(paths),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
