#include "rendered.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/utf8.h"
#include "front/runs/transcript.h"

#define CAP_BYTES 100000

static struct transcript transcript;

static void begin(enum output_encoding encoding)
{
    const struct job job = {.timeout_ms = 1000, .output_bytes = CAP_BYTES};
    transcript_init(&transcript, &job, encoding);
}

static void say(enum wire_stream stream, const char *text)
{
    transcript_add_output(&transcript, stream, bytes_of_string(text));
}

static void end(uint64_t out_bytes, uint64_t err_bytes)
{
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED,
                                                  .out = {out_bytes, out_bytes},
                                                  .err = {err_bytes, err_bytes}});
}

/* Returns a word for each entry that a cursor reads: "1:queued 2:started 3:out(hi)".
 * Valid until the next call. */
static const char *read_all(struct transcript_cursor *cursor)
{
    static char text[4096];
    static const char *const names[] = {"queued", "started", "out", "err", "exhibit", "end"};
    struct said said;
    size_t len = 0;
    text[0] = '\0';
    while (transcript_next(&transcript, cursor, &said)) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%llu:%s", len ? " " : "",
                                (unsigned long long)said.number, names[said.kind]);
        if (said.output.len > 0)
            len += (size_t)snprintf(text + len, sizeof text - len, "(%.*s)", (int)said.output.len,
                                    (const char *)said.output.data);
        assert_true(len < sizeof text);
    }
    return text;
}

static void entries_are_numbered_in_the_order_of_what_came(void **state)
{
    (void)state;
    struct transcript_cursor follower = {0}, late = {0};
    begin(OUTPUT_UTF8);
    assert_string_equal(read_all(&follower), "1:queued");
    assert_string_equal(read_all(&follower), "");
    transcript_pair(&transcript, 5, true);
    assert_string_equal(read_all(&follower), "");
    transcript_start(&transcript, false);
    say(WIRE_STDOUT, "a");
    assert_string_equal(read_all(&follower), "2:started 3:out(a)");
    say(WIRE_STDERR, "b");
    say(WIRE_STDOUT, "c");
    transcript_add_artifact(&transcript, WIRE_FILE,
                            &(struct artifact){.path = bytes_of_string("f")});
    end(2, 1);
    assert_string_equal(read_all(&follower), "4:err(b) 5:out(c) 6:exhibit 7:end");
    assert_string_equal(read_all(&follower), "");
    assert_string_equal(read_all(&late),
                        "1:queued 2:started 3:out(a) 4:err(b) 5:out(c) 6:exhibit 7:end");
    transcript_release(&transcript);
}

static void a_refused_run_is_queued_and_over(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0};
    begin(OUTPUT_UTF8);
    transcript_refuse(&transcript, &(struct error){ERR_BUSY, "full"}, 1000);
    assert_string_equal(read_all(&cursor), "1:queued 2:end");
    assert_string_equal(transcript.refusal_text, "full");
    transcript_release(&transcript);
}

static void a_character_is_never_split(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0};
    begin(OUTPUT_UTF8);
    say(WIRE_STDOUT, "a\xe2\x82");
    say(WIRE_STDERR, "\xc3");
    assert_string_equal(read_all(&cursor), "1:queued 2:out(a)");
    say(WIRE_STDOUT, "\xac");
    assert_string_equal(read_all(&cursor), "3:out(\xe2\x82\xac)");
    say(WIRE_STDOUT, "\xf0");
    say(WIRE_STDOUT, "\x9f");
    say(WIRE_STDOUT, "z\xff");
    assert_string_equal(read_all(&cursor), "4:out(\xf0\x9fz\xff)");
    end(9, 1);
    assert_string_equal(read_all(&cursor), "5:err(\xc3) 6:end");
    transcript_release(&transcript);
}

static void a_character_that_the_cap_cut_is_not_told(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0};
    begin(OUTPUT_UTF8);
    say(WIRE_STDOUT, "a\xe2\x82");
    end(4, 0);
    assert_string_equal(read_all(&cursor), "1:queued 2:out(a) 3:end");
    transcript_release(&transcript);
}

static void bytes_are_told_as_they_come(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0};
    begin(OUTPUT_BASE64);
    say(WIRE_STDOUT, "a\xe2");
    say(WIRE_STDOUT, "\x82");
    end(9, 0);
    assert_string_equal(read_all(&cursor), "1:queued 2:out(a\xe2) 3:out(\x82) 4:end");
    transcript_release(&transcript);
}

/* All kinds of bytes in pieces of every size: the sanitised entries of a stream, joined, equal the
 * whole stream, sanitised. */
static void entries_together_are_the_stream(void **state)
{
    (void)state;
    static const char *const parts[] = {"x",    "yz", "\xc3\xa9",         "\xe2\x82\xac",
                                        "\xff", "\n", "\xf0\x9f\x98\x80", "\xed\xa0\x80"};
    struct buf sent, whole, joined;
    buf_init(&sent, 2 * CAP_BYTES);
    buf_init(&whole, 6 * CAP_BYTES);
    buf_init(&joined, 6 * CAP_BYTES);
    srandom(7);
    while (sent.len < CAP_BYTES - 8)
        buf_append_string(&sent, parts[(size_t)random() % COUNT(parts)]);
    begin(OUTPUT_UTF8);
    for (size_t at = 0, len; at < sent.len; at += len) {
        len = (size_t)random() % (random() % 10 == 0 ? 40000 : 40) + 1;
        len = len < sent.len - at ? len : sent.len - at;
        transcript_add_output(&transcript, WIRE_STDOUT, bytes_of(sent.data + at, len));
    }
    end(sent.len, 0);
    struct transcript_cursor cursor = {0};
    struct said said;
    while (transcript_next(&transcript, &cursor, &said)) {
        assert_true(said.output.len <= TRANSCRIPT_PIECE_BYTES);
        assert_true(utf8_sanitize(&joined, said.output.data, said.output.len));
    }
    assert_true(utf8_sanitize(&whole, sent.data, sent.len));
    assert_int_equal(joined.len, whole.len);
    assert_memory_equal(joined.data, whole.data, whole.len);
    transcript_release(&transcript);
    buf_release(&sent);
    buf_release(&whole);
    buf_release(&joined);
}

static void a_program_that_writes_byte_by_byte_costs_a_byte_an_entry(void **state)
{
    (void)state;
    begin(OUTPUT_UTF8);
    for (size_t i = 0; i < CAP_BYTES; i++)
        say(i % 2 ? WIRE_STDERR : WIRE_STDOUT, "x");
    assert_int_equal(transcript.log.len, CAP_BYTES);
    assert_true(transcript_bytes(&transcript) <= 5 * CAP_BYTES);
    transcript_release(&transcript);
}

/* A seek to any entry gives the same position as reading up to it. */
static void a_seek_is_reading_on(void **state)
{
    (void)state;
    struct transcript_cursor read = {0}, sought = {0};
    struct said said, same;
    begin(OUTPUT_UTF8);
    assert_true(transcript_seek(&transcript, 1, &sought) && sought.number == 1);
    assert_false(transcript_seek(&transcript, 2, &sought));
    for (size_t i = 0; i < CAP_BYTES; i++)
        say(i % 3 ? WIRE_STDERR : WIRE_STDOUT, i % 5 ? "x" : "yz");
    end(0, 0);
    do {
        struct transcript_cursor from = {0};
        assert_true(transcript_seek(&transcript, read.number, &from));
        assert_memory_equal(&from, &read, sizeof read);
        bool has_next = transcript_has_next(&transcript, &read);
        assert_int_equal(transcript_next(&transcript, &read, &said), has_next);
        assert_int_equal(transcript_next(&transcript, &from, &same), has_next);
        assert_ptr_equal(said.output.data, same.output.data);
    } while (!read.is_at_end);
    assert_false(transcript_seek(&transcript, read.number + 1, &sought));
    assert_false(transcript_seek(&transcript, UINT64_MAX, &sought));
    transcript_release(&transcript);
}

/* A reader that has read a part finds the end next. */
static void what_was_released_is_not_read_on(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0}, sought = {0};
    struct said said;
    begin(OUTPUT_UTF8);
    say(WIRE_STDOUT, "a");
    say(WIRE_STDOUT, "b");
    assert_true(transcript_next(&transcript, &cursor, &said));
    assert_true(transcript_next(&transcript, &cursor, &said));
    transcript_release(&transcript);
    end(0, 0);
    assert_true(transcript_next(&transcript, &cursor, &said));
    assert_int_equal(said.kind, SAID_END);
    assert_false(transcript_next(&transcript, &cursor, &said));
    assert_false(transcript_seek(&transcript, 4, &sought));
    transcript_release(&transcript);
}

static void what_is_past_the_cap_is_left_out(void **state)
{
    (void)state;
    struct transcript_cursor cursor = {0};
    const struct job job = {.output_bytes = 3};
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    say(WIRE_STDOUT, "ab");
    say(WIRE_STDOUT, "cd");
    end(4, 0);
    assert_string_equal(read_all(&cursor), "1:queued 2:out(ab) 3:end");
    assert_true(transcript_is_cut(&transcript, WIRE_STDOUT));
    assert_false(transcript_is_cut(&transcript, WIRE_STDERR));
    transcript_release(&transcript);
}

/* An exhibit's JSON. Valid until the next call. */
static const char *shown(enum wire_type type, const char *path, const char *content, uint64_t size)
{
    static char text[1024];
    const struct artifact artifact = {
        .path = bytes_of_string(type == WIRE_FILE ? path : ""),
        .media_type = bytes_of_string(type == WIRE_FILE ? "" : path),
        .content = bytes_of_string(content),
        .size_bytes = size,
    };
    struct exhibit *exhibit = exhibit_new(type, &artifact);
    assert_non_null(exhibit);
    struct buf json = rendered(rendering_of_exhibit(exhibit));
    snprintf(text, sizeof text, "%.*s", (int)json.len, (const char *)buf_bytes(&json).data);
    buf_release(&json);
    exhibit_free_all(exhibit);
    return text;
}

static void text_is_shown_as_text_and_the_rest_in_base64(void **state)
{
    (void)state;
    assert_string_equal(shown(WIRE_FILE, "out/a.txt", "h\xc3\xa9", 3),
                        "{\"path\":\"out/a.txt\",\"size_bytes\":3,\"media_type\":\"text/plain\","
                        "\"content\":\"h\xc3\xa9\",\"encoding\":\"utf-8\",\"truncated\":false}");
    assert_string_equal(shown(WIRE_FILE, "a", "h\xc3", 2),
                        "{\"path\":\"a\",\"size_bytes\":2,"
                        "\"media_type\":\"application/octet-stream\","
                        "\"content\":\"aMM=\",\"encoding\":\"base64\",\"truncated\":false}");
    /* If only the last character is cut, the content is shown as text without it. If an earlier
     * byte is invalid, all bytes are shown as base64. */
    assert_non_null(strstr(shown(WIRE_FILE, "a.txt", "h\xc3", 3),
                           "\"content\":\"h\",\"encoding\":\"utf-8\",\"truncated\":true"));
    assert_non_null(strstr(shown(WIRE_FILE, "a.txt", "\xff\xc3", 3),
                           "\"content\":\"/8M=\",\"encoding\":\"base64\",\"truncated\":true"));
    assert_string_equal(shown(WIRE_DISPLAY, "image/svg+xml", "<svg/>", 6),
                        "{\"media_type\":\"image/svg+xml\",\"content\":\"<svg/>\","
                        "\"encoding\":\"utf-8\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_numbered_in_the_order_of_what_came),
        cmocka_unit_test(a_refused_run_is_queued_and_over),
        cmocka_unit_test(a_character_is_never_split),
        cmocka_unit_test(a_character_that_the_cap_cut_is_not_told),
        cmocka_unit_test(bytes_are_told_as_they_come),
        cmocka_unit_test(entries_together_are_the_stream),
        cmocka_unit_test(a_program_that_writes_byte_by_byte_costs_a_byte_an_entry),
        cmocka_unit_test(what_is_past_the_cap_is_left_out),
        cmocka_unit_test(a_seek_is_reading_on),
        cmocka_unit_test(what_was_released_is_not_read_on),
        cmocka_unit_test(text_is_shown_as_text_and_the_rest_in_base64),
    };
    return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
