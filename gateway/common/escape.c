/* escape.c - see escape.h. The text is split into stretches of unchanged bytes, each followed by
 * one byte or character that needs an escape. One table classifies each byte; another holds the
 * escapes. Counting uses the same code: the compiler removes the copying from it. */
#include "common/escape.h"

#include <stdbool.h>
#include <string.h>

#include "common/utf8.h"

/* ---- classes of bytes ---- */

enum class {
    PLAIN,    /* unchanged */
    ESCAPED,  /* always in the table of escapes */
    LESS,     /* '<': depends on the next byte */
    C2,       /* possibly a C1 control */
    E2,       /* possibly U+2028 or U+2029 */
    MULTIPLE, /* another multi-byte character, or ill-formed bytes */
};

/* clang-format off */
static const uint8_t class_of[256] = {
    [0x00 ... 0x1F] = ESCAPED,  ['"'] = ESCAPED, ['\\'] = ESCAPED, [0x7F] = ESCAPED, ['<'] = LESS,
    [0x80 ... 0xC1] = ESCAPED,  [0xC2] = C2,
    [0xC3 ... 0xE1] = MULTIPLE, [0xE2] = E2,
    /* F5 to FF begin no character; nor do 80 to C1 */
    [0xE3 ... 0xF4] = MULTIPLE, [0xF5 ... 0xFF] = ESCAPED,
};

struct escape {
    char text[ESCAPE_BYTES_MAX + 1];
    uint8_t len;
};

#define CODE(digits) {"\\u00" digits, 6}
#define LETTER(letter) {"\\" letter, 2}
#define REPLACEMENT {"\xEF\xBF\xBD", 3}

static const struct escape escapes[256] = {
    [0x00] = CODE("00"), CODE("01"), CODE("02"), CODE("03"), CODE("04"), CODE("05"), CODE("06"),
    CODE("07"), LETTER("b"), LETTER("t"), LETTER("n"), CODE("0b"), LETTER("f"), LETTER("r"),
    CODE("0e"), CODE("0f"), CODE("10"), CODE("11"), CODE("12"), CODE("13"), CODE("14"), CODE("15"),
    CODE("16"), CODE("17"), CODE("18"), CODE("19"), CODE("1a"), CODE("1b"), CODE("1c"), CODE("1d"),
    CODE("1e"), CODE("1f"), ['"'] = LETTER("\""), ['\\'] = LETTER("\\"), ['<'] = CODE("3c"),
    [0x7F] = CODE("7f"), [0x80 ... 0xC1] = REPLACEMENT, [0xF5 ... 0xFF] = REPLACEMENT,
};
/* clang-format on */

static const struct escape replacement = REPLACEMENT;
static const struct escape line_separator = {"\\u2028", 6}, paragraph_separator = {"\\u2029", 6};

/* C1 controls are the byte C2 and a second byte from 80 to 9F. */
static struct escape escape_of_c1(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    struct escape escape = CODE("00");
    escape.text[4] = digits[byte >> 4];
    escape.text[5] = digits[byte & 15];
    return escape;
}

/* ---- runs and special parts ---- */

/* Returns the length of the character at data if it needs no escape, else 0. */
static inline size_t size_as_it_is(const uint8_t *data, size_t len)
{
    switch ((enum class)class_of[data[0]]) {
    case PLAIN:
        return 1;
    case ESCAPED:
        return 0;
    case LESS:
        return len > 1 && (data[1] == '/' || data[1] == '!') ? 0 : 1;
    case C2:
        return len > 1 && data[1] >= 0xA0 && data[1] <= 0xBF ? 2 : 0;
    case E2:
        if (len > 2 && data[1] == 0x80 && (data[2] == 0xA8 || data[2] == 0xA9))
            return 0;
        return utf8_character(data, len);
    case MULTIPLE:
        break;
    }
    if (len > 1 && data[0] >= 0xC3 && data[0] <= 0xDF)
        return (data[1] & 0xC0) == 0x80 ? 2 : 0;
    return utf8_character(data, len);
}

/* Returns the length of the stretch at data that needs no escape. It can exceed `most` by part of a
 * character. */
static inline size_t run_at(const uint8_t *data, size_t len, size_t most)
{
    size_t at = 0;
    while (at < most) {
        while (at < most && class_of[data[at]] == PLAIN)
            at++;
        size_t size = at < most ? size_as_it_is(data + at, len - at) : 0;
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

/* Returns the escape for the character or ill-formed part at data. Sets *size to the part's
 * length. */
static inline struct escape escape_at(const uint8_t *data, size_t len, size_t *size)
{
    *size = 1;
    if (data[0] < 0x80)
        return escapes[data[0]];
    *size = utf8_character(data, len);
    if (*size == 0) {
        *size = utf8_bad_part(data, len);
        return replacement;
    }
    if (data[0] == 0xC2)
        return escape_of_c1(data[1]);
    return data[2] == 0xA8 ? line_separator : paragraph_separator;
}

__attribute__((always_inline)) static inline size_t
walk(const uint8_t *data, size_t len, size_t most, bool writes, uint8_t *to, size_t *put)
{
    size_t at = 0, done = 0;
    if (most > len)
        most = len;
    while (at < most) {
        size_t run = run_at(data + at, len - at, most - at);
        if (writes && run > 0)
            memcpy(to + done, data + at, run);
        at += run;
        done += run;
        while (at < most && class_of[data[at]] == ESCAPED) {
            const struct escape *escape = &escapes[data[at++]];
            if (writes)
                memcpy(to + done, escape->text, ESCAPE_BYTES_MAX);
            done += escape->len;
        }
        if (at >= most || size_as_it_is(data + at, len - at) > 0)
            continue;
        size_t size;
        struct escape escape = escape_at(data + at, len - at, &size);
        if (writes)
            memcpy(to + done, escape.text, ESCAPE_BYTES_MAX);
        at += size;
        done += escape.len;
    }
    *put = done;
    return at;
}

size_t escape_put(const uint8_t *data, size_t len, size_t most, uint8_t *to, size_t *put)
{
    return walk(data, len, most, true, to, put);
}

size_t escape_count(const uint8_t *data, size_t len, size_t most, size_t *put)
{
    uint8_t unused;
    return walk(data, len, most, false, &unused, put);
}
