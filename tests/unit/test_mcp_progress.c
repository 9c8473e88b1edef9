/* MCP progress notifications: their numbers increase, and they show the program's last line that is
 * not empty. */
#include "unit.h"

#include "common/clock.h"
#include "common/json.h"
#include "front/dialects/mcp_progress.h"

static uint64_t now_ns;

uint64_t clock_now_ns(void)
{
    return now_ns;
}

static struct mcp_progress progress;
static const struct transcript running = {.has_started = true};

/* Returns the next notification. Its progress must be above `least` microseconds. */
static struct json *beat(void)
{
    struct buf out;
    buf_init(&out, 4096);
    assert_true(mcp_progress_put_beat(&progress, &out, &running));
    const char *begin = "event: message\ndata: ";
    assert_true(out.len > strlen(begin) && memcmp(out.data, begin, strlen(begin)) == 0);
    assert_memory_equal(out.data + out.len - 2, "\n\n", 2);
    struct json *document = json_parse(out.data + strlen(begin), out.len - strlen(begin) - 2, NULL);
    assert_non_null(document);
    buf_release(&out);
    return document;
}

static void say(const char *text)
{
    struct buf out;
    buf_init(&out, 0);
    const struct said said = {.kind = SAID_STDOUT, .output = bytes_of_string(text)};
    assert_true(mcp_progress_put_entry(&progress, &out, &said));
}

static void shows(const char *line)
{
    struct json *document = beat();
    struct bytes message = json_string(json_get(json_get(document, "params"), "message"));
    check(bytes_equal_string(message, line), "%.*s", (int)message.len, (const char *)message.data);
    json_free(document);
}

static void the_last_line_is_shown(void **state)
{
    (void)state;
    progress = (struct mcp_progress){.token = "1"};
    shows("Running");
    say("one");
    shows("one");
    say(" more\n");
    shows("one more");
    say("\n\n");
    shows("one more");
    say("two\nthr");
    shows("thr");
    say("ee\n");
    shows("three");
    char longest[1000] = "";
    memset(longest, 'x', sizeof longest - 1);
    say(longest);
    longest[MCP_PROGRESS_LINE_BYTES] = '\0';
    shows(longest);
    say("\n\xff\xfe");
    shows("\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void it_rises_even_when_the_clock_does_not(void **state)
{
    (void)state;
    double before = -1;
    progress = (struct mcp_progress){.token = "\"t\"", .began_ns = 5000};
    now_ns = 5000;
    for (int i = 0; i < 20; i++) {
        struct json *document = beat();
        double value = json_number(json_get(json_get(document, "params"), "progress"));
        check(value > before, "%d: %f", i, value);
        before = value;
        now_ns += i == 10 ? 2000000000 : 0;
        json_free(document);
    }
    assert_true(before > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_line_is_shown),
        cmocka_unit_test(it_rises_even_when_the_clock_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
