/* In these tests stderr is a pipe, which they can read or leave unread. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/config.h"
#include "common/json.h"
#include "common/log.h"

static int saved_stderr;
static int reader;

static int redirect(void **state)
{
    (void)state;
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    saved_stderr = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    reader = ends[0];
    return fcntl(reader, F_SETFL, O_NONBLOCK);
}

static int restore(void **state)
{
    (void)state;
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(reader);
    return 0;
}

/* Returns the log output since the last call, in a buffer that the caller releases. */
static struct buf logged(void)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    while (buf_read_fd(&text, reader, 1 << 16) > 0)
        ;
    return text;
}

static struct json *logged_json(void)
{
    struct buf text = logged();
    assert_true(text.len > 0 && text.data[text.len - 1] == '\n');
    assert_ptr_equal(memchr(text.data, '\n', text.len), text.data + text.len - 1);
    struct json *line = json_parse(text.data, text.len, NULL);
    assert_non_null(line);
    buf_release(&text);
    return line;
}

static void assert_string_is(const struct json *line, const char *name, const char *string)
{
    check(bytes_equal_string(json_string(json_get(line, name)), string), "%s", name);
}

static void a_line_is_one_json_object(void **state)
{
    (void)state;
    log_init("front", LOG_FORMAT_AUTO, LOG_INFO);
    log_event(LOG_WARNING, "run_ended", LOG_RUN(0xABC), LOG_STR("verdict", "a \"b\"\n\xFF\x1B"),
              LOG_STR("none", NULL), LOG_U64("big", UINT64_MAX), LOG_I64("less", -5),
              LOG_PERCENT("part", 7), LOG_END);
    struct json *line = logged_json();
    assert_string_is(line, "level", "warning");
    assert_string_is(line, "role", "front");
    assert_string_is(line, "event", "run_ended");
    assert_string_is(line, "run_id", "0000000000000abc");
    assert_string_is(line, "verdict", "a \"b\"\n\xEF\xBF\xBD\x1B");
    assert_int_equal(json_type_of(json_get(line, "none")), JSON_NULL);
    assert_true(json_number(json_get(line, "big")) > 1.8e19);
    assert_true(json_number(json_get(line, "part")) == 0.07);
    int64_t less;
    assert_true(json_integer(json_get(line, "less"), &less));
    assert_int_equal(less, -5);
    struct bytes ts = json_string(json_get(line, "ts"));
    assert_int_equal(ts.len, strlen("2024-05-01T12:00:00.123Z"));
    assert_true(ts.data[10] == 'T' && ts.data[19] == '.' && ts.data[23] == 'Z');
    json_free(line);
}

static void below_the_level_is_silent(void **state)
{
    (void)state;
    log_init("front", LOG_FORMAT_JSON, LOG_WARNING);
    log_event(LOG_INFO, "run_ended", LOG_END);
    log_event(LOG_DEBUG, "run_ended", LOG_END);
    struct buf text = logged();
    assert_int_equal(text.len, 0);
    buf_release(&text);
    log_event(LOG_ERROR, "run_ended", LOG_END);
    text = logged();
    assert_true(text.len > 0);
    buf_release(&text);
}

static void text_is_aligned_and_quotes_what_is_not_a_word(void **state)
{
    (void)state;
    log_init("broker", LOG_FORMAT_TEXT, LOG_INFO);
    log_event(LOG_INFO, "box_ready", LOG_RUN(1), LOG_STR("plain", "warm"), LOG_STR("spaced", "a b"),
              LOG_STR("forged", "x\nINFO y=1"), LOG_STR("escape", "\x1B[2J"), LOG_STR("empty", ""),
              LOG_STR("none", NULL), LOG_U64("n", 7), LOG_END);
    struct buf text = logged();
    static const char expected[] =
        " info    broker box_ready            run_id=0000000000000001 plain=warm spaced=\"a b\" "
        "forged=\"x\\nINFO y=1\" escape=\"\\u001b[2J\" empty=\"\" none=null n=7\n";
    size_t time_len = strlen("12:00:00.123");
    assert_int_equal(text.len, time_len + sizeof(expected) - 1);
    assert_memory_equal(text.data + time_len, expected, sizeof(expected) - 1);
    buf_release(&text);
}

static void long_strings_are_cut_and_a_line_stays_whole(void **state)
{
    (void)state;
    char text[2000];
    memset(text, '\x01', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_init("front", LOG_FORMAT_JSON, LOG_INFO);
    log_event(LOG_INFO, "e", LOG_STR("first", text), LOG_STR("second", text), LOG_U64("last", 1),
              LOG_END);
    struct json *line = logged_json();
    assert_int_equal(json_string(json_get(line, "first")).len, 640);
    assert_null(json_get(line, "second"));
    assert_non_null(json_get(line, "last"));
    json_free(line);
}

static void a_full_pipe_drops_whole_lines(void **state)
{
    (void)state;
    log_init("front", LOG_FORMAT_JSON, LOG_INFO);
    for (int i = 0; i < 5000; i++)
        log_event(LOG_INFO, "flood", LOG_I64("i", i), LOG_END);
    struct buf text = logged();
    uint64_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    assert_true(lines > 0 && lines < 5000 && text.data[text.len - 1] == '\n');
    buf_release(&text);

    log_event(LOG_INFO, "after", LOG_END);
    text = logged();
    assert_true(text.len > 0);
    buf_release(&text);
}

static void an_unknown_setting_is_a_warning(void **state)
{
    (void)state;
    struct config config;
    log_init("serve", LOG_FORMAT_JSON, LOG_INFO);
    setenv("MAYFLY_BOGUS", "secret", 1);
    setenv("MAYFLY_STATE", "/somewhere", 1);
    assert_true(config_load(&config, NULL));
    unsetenv("MAYFLY_BOGUS");
    struct json *line = logged_json();
    assert_string_is(line, "level", "warning");
    assert_string_is(line, "event", "setting_unknown");
    assert_string_is(line, "name", "MAYFLY_BOGUS");
    json_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_one_json_object, redirect, restore),
        cmocka_unit_test_setup_teardown(below_the_level_is_silent, redirect, restore),
        cmocka_unit_test_setup_teardown(text_is_aligned_and_quotes_what_is_not_a_word, redirect,
                                        restore),
        cmocka_unit_test_setup_teardown(long_strings_are_cut_and_a_line_stays_whole, redirect,
                                        restore),
        cmocka_unit_test_setup_teardown(a_full_pipe_drops_whole_lines, redirect, restore),
        cmocka_unit_test_setup_teardown(an_unknown_setting_is_a_warning, redirect, restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
