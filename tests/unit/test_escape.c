/* Escaping inside a JSON string, compared with a slow implementation of the rule. Escaping in
 * pieces of any size must give the same text.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/json.h"
#include "common/utf8.h"

/* ---- the rule, a character at a time, of text that is valid already ---- */

static void put_code(struct buf *out, unsigned code)
{
    assert_true(buf_printf(out, "\\u%04x", code));
}

static size_t put_by_rule(struct buf *out, const uint8_t *data, size_t len)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    size_t size = utf8_character(data, len);
    assert_int_not_equal(size, 0);
    const char *letter = data[0] ? strchr(letters, data[0]) : NULL;
    if (letter && (letter - letters) % 2 == 1) /* a letter, not what it stands for */
        letter = data[0] == '"' || data[0] == '\\' ? letter - 1 : NULL;
    if (letter)
        assert_true(buf_printf(out, "\\%c", letter[1]));
    else if (data[0] < 0x20 || data[0] == 0x7F)
        put_code(out, data[0]);
    else if (data[0] == '<' && len > 1 && (data[1] == '/' || data[1] == '!'))
        put_code(out, '<');
    else if (data[0] == 0xC2 && data[1] < 0xA0)
        put_code(out, data[1]);
    else if (size == 3 && memcmp(data, "\xE2\x80\xA8", 3) == 0)
        put_code(out, 0x2028);
    else if (size == 3 && memcmp(data, "\xE2\x80\xA9", 3) == 0)
        put_code(out, 0x2029);
    else
        assert_true(buf_append(out, data, size));
    return size;
}

static void by_rule(struct buf *out, const uint8_t *data, size_t len)
{
    struct buf sane;
    buf_init(&sane, 3 * len);
    assert_true(utf8_sanitize(&sane, data, len));
    for (size_t at = 0; at < sane.len;)
        at += put_by_rule(out, sane.data + at, sane.len - at);
    buf_release(&sane);
}

/* ---- pieces ---- */

/* Escape `data` in pieces of this size, each in a block of exactly the needed size. */
static void in_pieces(struct buf *out, const uint8_t *data, size_t len, size_t piece)
{
    for (size_t at = 0; at < len;) {
        size_t left = len - at, put, counted;
        uint8_t *room = calloc(1, ESCAPE_ROOM(piece < left ? piece : left));
        uint8_t *copy = calloc(1, left);
        assert_non_null(room);
        assert_non_null(copy);
        memcpy(copy, data + at, left); /* nothing behind it may be read */
        size_t used = escape_put(copy, left, piece, room, &put);
        assert_int_equal(escape_count(copy, left, piece, &counted), used);
        assert_int_equal(counted, put);
        assert_true(used >= 1 && used <= left && used <= piece + ESCAPE_AHEAD_MAX);
        assert_true(put <= ESCAPE_BYTES_MAX * used);
        assert_true(buf_append(out, room, put));
        at += used;
        free(room);
        free(copy);
    }
}

static void check_all(const uint8_t *data, size_t len)
{
    struct buf expected, got;
    buf_init(&expected, ESCAPE_BYTES_MAX * len);
    buf_init(&got, ESCAPE_BYTES_MAX * len);
    by_rule(&expected, data, len);
    for (size_t piece = 1; piece <= len; piece++) {
        in_pieces(&got, data, len, piece);
        check(got.len == expected.len && memcmp(got.data, expected.data, got.len) == 0,
              "%zu bytes, from %02x %02x, in pieces of %zu: %.*s", len, data[0], data[len - 1],
              piece, (int)got.len, (const char *)got.data);
        buf_truncate(&got, 0);
    }
    buf_release(&expected);
    buf_release(&got);
}

static void two_bytes_of_every_kind(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const uint8_t data[2] = {(uint8_t)first, (uint8_t)second};
            check_all(data, 1 + (second > 0));
        }
    }
}

static void what_stands_at_the_borders(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "</script><!-- <b> a<b <",
        "\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\xE2\x82\xAC\xE2\x80",
        "\xC2\x80\xC2\x9F\xC2\xA0\xC2\xC2\xC3\xA9\xC3",
        "\xF0\x9F\x98\x80\xF0\x9F\x98\xF4\x90\x80\x80\xED\xA0\x80",
        "a\xE3\xE3\x81\xE3\x81\x82\xFF\xFE\x80\x81z\x01\x1F\x7F",
        "<\xE2<\xC2</\x80</",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t len = 1; len <= strlen(texts[i]); len++)
            check_all((const uint8_t *)texts[i], len);
    }
}

/* Random sequences of bytes that have a meaning together. */
static void any_mixture(void **state)
{
    (void)state;
    static const uint8_t alphabet[] = {'a',  '<',  '/',  '!',  '"',  '\\', '\n', 0,
                                       0x7F, 0x80, 0x9F, 0xA0, 0xA8, 0xA9, 0xBF, 0xC2,
                                       0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xFF};
    srandom(7);
    for (int round = 0; round < 20000; round++) {
        uint8_t data[24];
        size_t len = 1 + (size_t)random() % sizeof data;
        for (size_t i = 0; i < len; i++)
            data[i] = alphabet[(size_t)random() % sizeof alphabet];
        check_all(data, len);
    }
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    size_t put = 1;
    assert_int_equal(escape_put(NULL, 0, 10, NULL, &put), 0);
    assert_int_equal(put, 0);
    assert_int_equal(escape_count((const uint8_t *)"a", 1, 0, &put), 0);
    assert_int_equal(put, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bytes_of_every_kind),
        cmocka_unit_test(what_stands_at_the_borders),
        cmocka_unit_test(any_mixture),
        cmocka_unit_test(nothing_is_nothing),
    };
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
