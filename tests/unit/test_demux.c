#include "unit.h"

#include <stdio.h>

#include "broker/engine/demux.h"

#define FRAMES                                                                                     \
    "\1\0\0\0\0\0\0\3abc\2\0\0\0\0\0\0\1d\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\2ef\3\0\0\0\0\0\0\1!"

struct told {
    char text[3][16]; /* by stream, from stdout */
    bool bad;
};

static void feed(struct demux *demux, struct told *told, const void *data, size_t len)
{
    struct bytes rest = bytes_of(data, len), piece;
    enum demux_stream stream;
    enum demux_result result;
    while ((result = demux_next(demux, &rest, &stream, &piece)) == DEMUX_PIECE)
        strncat(told->text[stream - 1], (const char *)piece.data, piece.len);
    told->bad = result == DEMUX_BAD;
    assert_true(told->bad || rest.len == 0);
}

static void takes_frames_apart_however_they_come(void **state)
{
    (void)state;
    size_t len = sizeof(FRAMES) - 1;
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second++) {
            struct demux demux = {.header_len = 0};
            struct told told = {.bad = false};
            feed(&demux, &told, FRAMES, first);
            feed(&demux, &told, FRAMES + first, second - first);
            feed(&demux, &told, FRAMES + second, len - second);
            check(strcmp(told.text[0], "abcef") == 0 && strcmp(told.text[1], "d") == 0 &&
                      strcmp(told.text[2], "!") == 0 && !told.bad,
                  "cut at %zu and %zu", first, second);
        }
    }
}

static void refuses_what_is_no_frame(void **state)
{
    (void)state;
    static const char *const heads[] = {"\4\0\0\0\0\0\0\1", "\1\1\0\0\0\0\0\1", "\1\0\1\0\0\0\0\1",
                                        "\1\0\0\1\0\0\0\1", "HTTP/1.1"};
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct demux demux = {.header_len = 0};
        struct told told = {.bad = false};
        feed(&demux, &told, heads[i], 8);
        check(told.bad, "head %zu", i);
    }
}

static void a_huge_length_takes_no_memory(void **state)
{
    (void)state;
    struct demux demux = {.header_len = 0};
    struct told told = {.bad = false};
    feed(&demux, &told,
         "\1\0\0\0\xff\xff\xff\xff"
         "abc",
         11);
    assert_string_equal(told.text[0], "abc");
    assert_int_equal(demux.left_bytes, UINT32_MAX - 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_frames_apart_however_they_come),
        cmocka_unit_test(refuses_what_is_no_frame),
        cmocka_unit_test(a_huge_length_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
