#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/narration.h"

#define OF_RESULT                                                                                  \
    "\"stdout_truncated\":false,\"stderr_truncated\":false,\"stdout_bytes\":1,\"stderr_bytes\":2}"
#define SUCCESS "{\"status\":\"success\",\"return_code\":0," OF_RESULT

struct desk {
    struct options options;
    struct relay relay;
    struct narration narration;
    struct error why;
};

static struct desk *set_up(struct desk *desk, bool json)
{
    static const struct inputs none;
    static const char *outputs[] = {"*.csv", "*.txt"};
    *desk = (struct desk){.options = {.json = json, .outputs = outputs, .outputs_count = 2}};
    relay_init(&desk->relay, 1 << 20);
    desk->narration = (struct narration){
        .options = &desk->options,
        .relay = &desk->relay,
        .harvest = {.options = &desk->options, .inputs = &none, .folder = -1},
    };
    return desk;
}

static bool take(struct desk *desk, const char *name, const char *data)
{
    const struct event event = {.name = name, .data = bytes_of_string(data)};
    return narration_take(&desk->narration, &event, &desk->why);
}

/* Returns true if the queue ends in this text and is for the descriptor. Empties the queue. */
static bool is_queued(struct desk *desk, int fd, const char *expected)
{
    const uint8_t *at = desk->relay.queue.data + desk->relay.queue.start;
    size_t len = strlen(expected);
    bool is_right = relay_fd(&desk->relay) == fd && desk->relay.queue.len >= len &&
                    memcmp(at + desk->relay.queue.len - len, expected, len) == 0;
    buf_consume(&desk->relay.queue, desk->relay.queue.len);
    return is_right;
}

static void a_run_from_its_beginning_to_its_end(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false);
    assert_true(take(&desk, "queued", "{\"id\":\"1\"}"));
    assert_true(take(&desk, "news", "not even JSON"));
    assert_int_equal(desk.narration.state, NARRATION_QUEUED);
    assert_true(take(&desk, "started", "{}"));
    assert_int_equal(desk.narration.state, NARRATION_STARTED);
    assert_true(take(&desk, "stdout", "\"aGkK\""));
    assert_true(is_queued(&desk, 1, "hi\n"));
    assert_true(take(&desk, "stderr", "\"/w==\""));
    assert_true(is_queued(&desk, 2, "\xff"));
    assert_true(take(&desk, "result", SUCCESS));
    assert_int_equal(desk.narration.state, NARRATION_ENDED);
    assert_int_equal(desk.narration.exit_code, 0);
    assert_int_equal(relay_fd(&desk.relay), -1);
    relay_release(&desk.relay);
}

static void with_json_only_the_answer_is_printed(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, true);
    assert_true(take(&desk, "stdout", "\"hi\\n\""));
    assert_int_equal(relay_fd(&desk.relay), -1);
    assert_true(take(&desk, "result", SUCCESS));
    assert_int_equal(relay_fd(&desk.relay), 1);
    assert_true(is_queued(&desk, 1, "\n"));
    relay_release(&desk.relay);
}

static void an_error_comes_in_place_of_the_result(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false);
    assert_true(take(&desk, "error", "{\"status\":503,\"code\":\"busy\"}"));
    assert_int_equal(desk.narration.state, NARRATION_REFUSED);
    assert_true(refusal_is_passing(&desk.narration.refusal));
    refusal_release(&desk.narration.refusal);
    relay_release(&desk.relay);
}

static void refuses_what_is_no_event_of_a_gateway(void **state)
{
    (void)state;
    static const struct {
        const char *name, *data, *text;
    } rows[] = {
        {"started", "", "started event is not JSON"},
        {"stdout", "{", "stdout event is not JSON"},
        {"stdout", "null", "output that is not a string"},
        {"stdout", "7", "output that is not a string"},
        {"stderr", "\"***\"", "not base64"},
        {"result", "", "result event is not JSON"},
        {"result", "null", "answer is not a JSON object"},
        {"result", "{\"status\":\"success\",\"status\":\"error\"}", "duplicate key"},
        {"file", "null", "without \"path\""},
        {"file", "{\"path\":7,\"truncated\":false}", "without \"path\""},
        {"file", "{\"path\":\"a\"}", "without \"path\" or \"truncated\""},
        {"display", "[]", "without media_type"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct desk desk;
        set_up(&desk, false);
        check(!take(&desk, rows[i].name, rows[i].data) && desk.why.kind == ERR_PROTOCOL &&
                  strstr(desk.why.text, rows[i].text),
              "row %zu: %s", i, desk.why.text);
        check(relay_fd(&desk.relay) == -1, "row %zu", i);
        relay_release(&desk.relay);
    }
}

/* ---- what the run leaves behind ---- */

static char place[32];

static int make_place(void **state)
{
    (void)state;
    snprintf(place, sizeof(place), "/tmp/mayfly-narration-XXXXXX");
    return mkdtemp(place) ? 0 : -1;
}

static int remove_place(void **state)
{
    (void)state;
    return rmdir(place);
}

/* Check a file's content and remove it. */
static bool is_there(int folder, const char *name, const char *content)
{
    char text[64] = "";
    int fd = openat(folder, name, O_RDONLY);
    bool is_right = fd >= 0 && read(fd, text, sizeof(text) - 1) == (ssize_t)strlen(content) &&
                    strcmp(text, content) == 0;
    close(fd);
    return unlinkat(folder, name, 0) == 0 && is_right;
}

static void files_and_displays_are_written(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false)->options.directory = place;
    int folder = open(place, O_PATH | O_DIRECTORY);
    desk.narration.harvest.folder = folder;
    assert_true(take(&desk, "file",
                     "{\"path\":\"a.txt\",\"content\":\"hi\",\"encoding\":\"utf-8\","
                     "\"truncated\":false}"));
    assert_true(
        take(&desk, "display",
             "{\"media_type\":\"image/png\",\"content\":\"cG5n\",\"encoding\":\"base64\"}"));
    assert_true(take(&desk, "display",
                     "{\"media_type\":\"x/../y\",\"content\":\"?\",\"encoding\":\"utf-8\"}"));
    assert_true(is_there(folder, "a.txt", "hi"));
    assert_true(is_there(folder, "display-1.png", "png"));
    assert_true(is_there(folder, "display-2.bin", "?"));
    assert_false(
        take(&desk, "display", "{\"media_type\":\"a/b\",\"content\":\"?\",\"encoding\":\"hex\"}"));
    assert_true(take(&desk, "result", SUCCESS));
    assert_int_equal(desk.narration.exit_code, 0);
    assert_int_equal(relay_fd(&desk.relay), -1);
    relay_release(&desk.relay);
    close(folder);
}

static void files_that_the_gateway_left_out_are_no_success(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false);
    assert_true(take(&desk, "result",
                     "{\"status\":\"success\",\"return_code\":0,\"reason\":\"output_limit\","
                     "\"message\":\"3 files\"," OF_RESULT));
    assert_int_equal(desk.narration.exit_code, 125);
    assert_true(is_queued(&desk, 2, "mayfly: 3 files\n"));
    relay_release(&desk.relay);
}

static void output_that_is_cut_is_no_success(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false);
    assert_true(take(&desk, "result",
                     "{\"status\":\"success\",\"return_code\":0,\"reason\":\"output_limit\","
                     "\"stdout_truncated\":false,\"stderr_truncated\":true,\"stdout_bytes\":1,"
                     "\"stderr_bytes\":7}"));
    assert_int_equal(desk.narration.exit_code, 125);
    assert_true(is_queued(
        &desk, 2,
        "mayfly: stderr is cut: the program wrote 7 bytes; a larger --max-output may keep more\n"));
    relay_release(&desk.relay);
}

/* Exit code 0 means that all files have arrived. A program's own failure keeps its exit code. */
static void what_is_not_there_whole_is_no_success(void **state)
{
    (void)state;
    static const struct {
        const char *path, *truncated, *notice;
    } rows[] = {{"../a.txt", "false", "must not have a segment"},
                {"a.txt", "true", "is cut"},
                {".bashrc", "false", "no --output matches it"}};
    static const struct {
        const char *result;
        int exit_code;
    } ends[] = {{SUCCESS, 125}, {"{\"status\":\"error\",\"return_code\":3," OF_RESULT, 3}};
    int folder = open(place, O_PATH | O_DIRECTORY);
    for (size_t i = 0; i < COUNT(rows) * COUNT(ends); i++) {
        struct desk desk;
        struct buf data;
        set_up(&desk, false)->narration.harvest.folder = folder;
        buf_init(&data, 1000);
        assert_true(buf_printf(&data,
                               "{\"path\":\"%s\",\"content\":\"hi\",\"encoding\":\"utf-8\","
                               "\"truncated\":%s}",
                               rows[i / 2].path, rows[i / 2].truncated) &&
                    buf_append(&data, "", 1));
        assert_true(take(&desk, "file", (const char *)data.data));
        assert_non_null(memmem(desk.relay.queue.data, desk.relay.queue.len, rows[i / 2].notice,
                               strlen(rows[i / 2].notice)));
        assert_true(take(&desk, "result", ends[i % 2].result));
        assert_int_equal(desk.narration.exit_code, ends[i % 2].exit_code);
        buf_release(&data);
        relay_release(&desk.relay);
    }
    assert_true(is_there(folder, "a.txt", "hi"));
    close(folder);
}

static void displays_that_nobody_saves_are_mentioned(void **state)
{
    (void)state;
    struct desk desk;
    set_up(&desk, false);
    assert_true(take(&desk, "display",
                     "{\"media_type\":\"a/b\",\"content\":\"?\",\"encoding\":\"utf-8\"}"));
    assert_true(take(&desk, "result", SUCCESS));
    assert_int_equal(desk.narration.exit_code, 0);
    assert_true(is_queued(&desk, 2, "mayfly: 1 display was not saved; -o DIR saves them\n"));
    relay_release(&desk.relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_from_its_beginning_to_its_end),
        cmocka_unit_test(with_json_only_the_answer_is_printed),
        cmocka_unit_test(an_error_comes_in_place_of_the_result),
        cmocka_unit_test(refuses_what_is_no_event_of_a_gateway),
        cmocka_unit_test_setup_teardown(files_and_displays_are_written, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_is_not_there_whole_is_no_success, make_place,
                                        remove_place),
        cmocka_unit_test(files_that_the_gateway_left_out_are_no_success),
        cmocka_unit_test(output_that_is_cut_is_no_success),
        cmocka_unit_test(displays_that_nobody_saves_are_mentioned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
