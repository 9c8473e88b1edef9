/* Answers that are written in portions: the text is the same for any content, and each step is
 * short.
 */
#include "rendered.h"

#include "common/base64.h"

#define STREAM_BYTES ((size_t)300 << 10)

static struct transcript transcript_of(enum output_encoding encoding)
{
    const struct job job = {.output_bytes = STREAM_BYTES};
    struct transcript transcript;
    transcript_init(&transcript, &job, encoding);
    transcript_start(&transcript, false);
    return transcript;
}

static void leave(struct transcript *transcript, enum wire_type type, const char *name,
                  struct bytes content, uint64_t size_bytes)
{
    const struct artifact artifact = {
        .path = bytes_of_string(type == WIRE_FILE ? name : ""),
        .media_type = bytes_of_string(type == WIRE_FILE ? "" : name),
        .content = content,
        .size_bytes = size_bytes,
    };
    transcript_add_artifact(transcript, type, &artifact);
}

/* Returns the answer's JSON document, which the caller frees. */
static struct json *answer_of(struct transcript *transcript)
{
    transcript_end(transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct buf text = rendered(rendering_of_answer(transcript));
    struct json *document = json_parse(text.data, text.len, NULL);
    assert_non_null(document);
    buf_release(&text);
    return document;
}

static bool is_same(const struct json *document, const char *name, struct bytes bytes)
{
    struct bytes string = json_string(json_get(document, name));
    return string.len == bytes.len && memcmp(string.data, bytes.data, bytes.len) == 0;
}

static void long_streams_come_whole(void **state)
{
    (void)state;
    static uint8_t data[STREAM_BYTES];
    static const char *const fillings[] = {"x", "\x01", "</", "\xC2\x9B", "\xE2\x82\xAC", "a\n"};
    for (size_t i = 0; i < COUNT(fillings); i++) {
        size_t size = strlen(fillings[i]), len = STREAM_BYTES - STREAM_BYTES % size;
        for (size_t at = 0; at < len; at++)
            data[at] = (uint8_t)fillings[i][at % size];
        struct transcript transcript = transcript_of(OUTPUT_UTF8);
        transcript_add_output(&transcript, WIRE_STDOUT, bytes_of(data, len));
        transcript_add_output(&transcript, WIRE_STDERR, bytes_of(data, len - size));
        struct json *document = answer_of(&transcript);
        check(is_same(document, "stdout", bytes_of(data, len)), "row %zu", i);
        check(is_same(document, "stderr", bytes_of(data, len - size)), "row %zu", i);
        json_free(document);
        transcript_release(&transcript);
    }
}

/* Base64 that is written in pieces has padding only at the end. */
static void base64_comes_whole_at_any_length(void **state)
{
    (void)state;
    static uint8_t data[STREAM_BYTES];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t len = sizeof data - 4; len <= sizeof data; len++) {
        struct transcript transcript = transcript_of(OUTPUT_BASE64);
        struct buf text;
        buf_init(&text, 2 * sizeof data);
        assert_true(base64_encode(&text, data, len));
        transcript_add_output(&transcript, WIRE_STDOUT, bytes_of(data, len));
        struct json *document = answer_of(&transcript);
        assert_true(is_same(document, "stdout", buf_bytes(&text)));
        json_free(document);
        transcript_release(&transcript);
        buf_release(&text);
    }
}

/* Returns true if a file with this content, with an invalid byte at `bad_at`, is shown as base64.
 */
static bool is_base64_with(uint8_t *data, size_t len, size_t bad_at)
{
    struct transcript transcript = transcript_of(OUTPUT_UTF8);
    uint8_t good = data[bad_at];
    data[bad_at] = 0xFF;
    leave(&transcript, WIRE_FILE, "a.txt", bytes_of(data, len), len);
    data[bad_at] = good;
    struct json *document = answer_of(&transcript);
    const struct json *file = json_array_at(json_get(document, "files"), 0);
    bool is_base64 = is_same(file, "encoding", bytes_of_string("base64"));
    json_free(document);
    transcript_release(&transcript);
    return is_base64;
}

/* The invalid byte is found wherever a step ends, even within a character. */
static void a_bad_byte_is_found_wherever_it_is(void **state)
{
    (void)state;
    static uint8_t data[3 * RENDERING_SLICE_BYTES];
    const size_t border = RENDERING_SLICE_BYTES;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t) "\xE2\x82\xAC"[i % 3];
    for (size_t at = border - 9; at < border + 9; at++)
        assert_true(is_base64_with(data, sizeof data, at));
    assert_true(is_base64_with(data, sizeof data, sizeof data - 1));
    assert_true(is_base64_with(data, sizeof data, 0));
    struct transcript transcript = transcript_of(OUTPUT_UTF8);
    leave(&transcript, WIRE_FILE, "a.txt", bytes_of(data, sizeof data), sizeof data);
    leave(&transcript, WIRE_DISPLAY, "text/plain", bytes_of(data, sizeof data - 1), sizeof data);
    leave(&transcript, WIRE_FILE, "empty", bytes_of(data, 0), 0);
    struct json *document = answer_of(&transcript);
    const struct json *files = json_get(document, "files");
    assert_true(is_same(json_array_at(files, 0), "content", bytes_of(data, sizeof data)));
    assert_true(is_same(json_array_at(files, 1), "encoding", bytes_of_string("utf-8")));
    const struct json *display = json_array_at(json_get(document, "displays"), 0);
    assert_true(is_same(display, "content", bytes_of(data, sizeof data - 3)));
    json_free(document);
    transcript_release(&transcript);
}

/* The largest number of files with the longest names: each step still fits into a portion. */
static void many_exhibits_take_many_steps(void **state)
{
    (void)state;
    char name[ARTIFACT_PATH_MAX_BYTES + 1];
    memset(name, 0x01, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct transcript transcript = transcript_of(OUTPUT_UTF8);
    for (int i = 0; i < 256; i++)
        leave(&transcript, WIRE_FILE, name, bytes_of_string("x"), 1);
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct rendering rendering = rendering_of_answer(&transcript);
    struct buf portion;
    uint64_t length = 0, steps = 0;
    buf_init(&portion, RENDERING_MAX_BYTES);
    for (; !rendering_is_finished(&rendering); steps++)
        assert_true(rendering_measure(&rendering, &portion, &length));
    assert_true(steps >= 256 * sizeof name / RENDERING_SLICE_BYTES);
    buf_release(&portion);
    struct buf text = rendered(rendering_of_answer(&transcript));
    assert_int_equal(text.len, length);
    buf_release(&text);
    transcript_release(&transcript);
}

static void no_memory_is_told(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of(OUTPUT_UTF8);
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    struct rendering rendering = rendering_of_answer(&transcript), counting = rendering;
    struct buf out;
    uint64_t length = 0;
    buf_init(&out, 50);
    assert_false(rendering_write(&rendering, &out));
    buf_truncate(&out, 0);
    assert_false(rendering_measure(&counting, &out, &length));
    buf_release(&out);
    transcript_release(&transcript);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_streams_come_whole),
        cmocka_unit_test(base64_comes_whole_at_any_length),
        cmocka_unit_test(a_bad_byte_is_found_wherever_it_is),
        cmocka_unit_test(many_exhibits_take_many_steps),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests_name("rendering", tests, NULL, NULL);
}
