/* The MCP result of a tool call that ran a program: it must be one valid JSON text, whatever the
 * program wrote.
 */
#include "rendered.h"

#include <stdio.h>

#include "front/dialects/mcp_files.h"
#include "front/dialects/mcp_outcome.h"

#define STREAM_BYTES ((size_t)300 << 10)

static struct transcript transcript_of(void)
{
    const struct job job = {.output_bytes = STREAM_BYTES, .timeout_ms = 1500};
    struct transcript transcript;
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    transcript_pair(&transcript, 0, START_WARM);
    transcript_start(&transcript, false);
    return transcript;
}

static void show(struct transcript *transcript, const char *type, struct bytes content)
{
    const struct artifact artifact = {
        .media_type = bytes_of_string(type), .content = content, .size_bytes = content.len};
    transcript_add_artifact(transcript, WIRE_DISPLAY, &artifact);
}

/* Returns the result's JSON document, which the caller frees. Releases the transcript. */
static struct json *result_of(struct transcript *transcript, const char *before, const char *after)
{
    const struct mcp_frame frame = {.before = bytes_of_string(before),
                                    .after = bytes_of_string(after)};
    struct buf text = rendered(mcp_outcome_begin(&frame, transcript));
    struct json *document = json_parse(text.data, text.len, NULL);
    check(document, "%.*s", (int)(text.len < 500 ? text.len : 500), (const char *)text.data);
    buf_release(&text);
    transcript_release(transcript);
    return document;
}

static const struct json *content(const struct json *document, size_t index, const char *name)
{
    return json_get(json_array_at(json_get(document, "content"), index), name);
}

static void an_empty_run_says_what_to_do(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of();
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct json *document = result_of(&transcript, "{", "}");
    assert_int_equal(json_array_len(json_get(document, "content")), 1);
    assert_true(
        bytes_equal_string(json_string(content(document, 0, "text")),
                           "The program ended without output. Print what you want to see."));
    assert_false(json_bool(json_get(document, "isError")));
    json_free(document);
}

static void long_streams_and_plots_come_whole(void **state)
{
    (void)state;
    static uint8_t data[STREAM_BYTES];
    static const char *const fillings[] = {"x", "\x01", "</", "\xE2\x82\xAC", "a\n"};
    for (size_t i = 0; i < COUNT(fillings); i++) {
        size_t size = strlen(fillings[i]), len = STREAM_BYTES - STREAM_BYTES % size;
        for (size_t at = 0; at < len; at++)
            data[at] = (uint8_t)fillings[i][at % size];
        struct transcript transcript = transcript_of();
        transcript_add_output(&transcript, WIRE_STDOUT, bytes_of(data, len));
        transcript_add_output(&transcript, WIRE_STDERR, bytes_of(data, len));
        show(&transcript, "image/png", bytes_of(data, len));
        show(&transcript, "text/html", bytes_of(data, len));
        transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
        struct json *document = result_of(&transcript, "{\"a\":[1],", ",\"b\":2}");
        assert_int_equal(json_string(content(document, 0, "text")).len, len);
        assert_int_equal(json_string(content(document, 1, "text")).len, len + strlen("stderr:\n"));
        assert_int_equal(json_string(content(document, 2, "data")).len, (len + 2) / 3 * 4);
        assert_int_equal(json_string(content(document, 3, "text")).len, len);
        const struct json *structured = json_get(document, "structuredContent");
        assert_int_equal(json_string(json_get(structured, "stdout")).len, len);
        assert_int_equal(json_array_len(json_get(structured, "displays")), 2);
        assert_non_null(json_get(document, "b"));
        json_free(document);
    }
}

static void a_long_frame_comes_whole(void **state)
{
    (void)state;
    static char before[(200 << 10) + 1];
    memset(before, ' ', sizeof before - 1);
    before[100] = '{';
    struct transcript transcript = transcript_of();
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_TIMEOUT});
    struct json *document = result_of(&transcript, before, "}");
    assert_true(json_bool(json_get(document, "isError")));
    json_free(document);
}

static void a_refused_run_says_why(void **state)
{
    (void)state;
    struct error why;
    const struct job job = {.output_bytes = 100};
    struct transcript transcript;
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    error_set(&why, ERR_BUSY, "The queue is full.");
    transcript_refuse(&transcript, &why, 2500);
    struct json *document = result_of(&transcript, "{", "}");
    assert_true(
        bytes_equal_string(json_string(content(document, 0, "text")),
                           "The program did not run. The queue is full. Call again in 3 seconds."));
    const struct json *structured = json_get(document, "structuredContent");
    assert_true(bytes_equal_string(json_string(json_get(structured, "reason")), "not_started"));
    json_free(document);
}

static void many_files_are_named_in_short(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of();
    for (int i = 0; i < 50; i++) {
        char path[4000];
        snprintf(path, sizeof path, "%03d%03900d", i, i);
        const struct artifact artifact = {.path = bytes_of_string(path)};
        transcript_add_artifact(&transcript, WIRE_FILE, &artifact);
    }
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct json *document = result_of(&transcript, "{", "}");
    struct bytes text = json_string(content(document, 0, "text"));
    assert_true(text.len < 4096 && memcmp(text.data, "Files: 000", 10) == 0);
    assert_memory_equal(text.data + text.len - 13, " and 30 more.", 13);
    json_free(document);
}

/* ---- files ---- */

static struct json *files_result_of(struct transcript *transcript, bool is_list)
{
    const struct mcp_frame frame = {.before = bytes_of_string("{"), .after = bytes_of_string("}")};
    struct buf text = rendered(is_list ? mcp_files_begin_list(&frame, transcript)
                                       : mcp_files_begin_content(&frame, transcript));
    struct json *document = json_parse(text.data, text.len, NULL);
    check(document, "%.*s", (int)(text.len < 500 ? text.len : 500), (const char *)text.data);
    buf_release(&text);
    transcript_release(transcript);
    return document;
}

static struct transcript transcript_with_file(const char *path, struct bytes content)
{
    struct transcript transcript = transcript_of();
    const struct artifact artifact = {
        .path = bytes_of_string(path), .content = content, .size_bytes = content.len};
    transcript_add_artifact(&transcript, WIRE_FILE, &artifact);
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    return transcript;
}

static void a_long_file_comes_whole_whatever_it_is(void **state)
{
    (void)state;
    static uint8_t data[STREAM_BYTES];
    static const struct {
        const char *path;
        uint8_t byte;
        const char *type; /* of the block */
    } rows[] = {
        {"a.txt", 'x', "text"},   {"a.txt", 1, "text"},    {"a.png", 'x', "text"},
        {"a.png", 0xFF, "image"}, {"a.bin", 0xFF, "text"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        memset(data, rows[i].byte, sizeof data);
        struct transcript transcript =
            transcript_with_file(rows[i].path, bytes_of(data, sizeof data));
        struct json *document = files_result_of(&transcript, false);
        check(bytes_equal_string(json_string(content(document, 0, "type")), rows[i].type),
              "row %zu", i);
        const struct json *file =
            json_array_at(json_get(json_get(document, "structuredContent"), "files"), 0);
        size_t len = rows[i].byte == 0xFF ? (sizeof data + 2) / 3 * 4 : sizeof data;
        assert_int_equal(json_string(json_get(file, "content")).len, len);
        assert_false(json_bool(json_get(document, "isError")));
        json_free(document);
    }
}

static void a_list_may_be_empty(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of();
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct json *document = files_result_of(&transcript, true);
    assert_true(
        bytes_equal_string(json_string(content(document, 0, "text")), "There are no such files."));
    assert_int_equal(json_array_len(json_get(json_get(document, "structuredContent"), "files")), 0);
    json_free(document);
}

/* ---- what a model sees of a cell ---- */

static void show_form(struct transcript *transcript, const char *type, uint32_t number)
{
    const struct artifact artifact = {.media_type = bytes_of_string(type),
                                      .content = bytes_of_string("x"),
                                      .number = number,
                                      .size_bytes = 1};
    transcript_add_artifact(transcript, WIRE_DISPLAY, &artifact);
}

static void a_display_is_shown_in_its_best_form(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of();
    show_form(&transcript, "text/plain", 1);
    show_form(&transcript, "image/png", 1);
    show_form(&transcript, "text/html", 2);
    show_form(&transcript, "text/plain", 2);
    show_form(&transcript, "text/html", 0);
    show_form(&transcript, "text/plain", 0);
    show_form(&transcript, "text/html", 3);
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct json *document = result_of(&transcript, "{", "}");
    assert_int_equal(json_array_len(json_get(document, "content")), 5);
    assert_true(bytes_equal_string(json_string(content(document, 0, "type")), "image"));
    assert_int_equal(json_array_len(json_get(json_get(document, "structuredContent"), "displays")),
                     7);
    json_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_run_says_what_to_do),
        cmocka_unit_test(long_streams_and_plots_come_whole),
        cmocka_unit_test(a_long_frame_comes_whole),
        cmocka_unit_test(a_refused_run_says_why),
        cmocka_unit_test(many_files_are_named_in_short),
        cmocka_unit_test(a_long_file_comes_whole_whatever_it_is),
        cmocka_unit_test(a_list_may_be_empty),
        cmocka_unit_test(a_display_is_shown_in_its_best_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
