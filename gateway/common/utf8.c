/* utf8.c - the function step() implements the grammar (table 3-7 of the Unicode standard); all
 * others call it.
 *
 * The second byte's range depends on the first byte. This excludes overlong forms (E0, F0),
 * surrogates (ED) and values above U+10FFFF (F4). An ill-formed part is the longest sequence of
 * bytes that could still have become a character, or one byte. Each becomes one U+FFFD.
 */
#include "common/utf8.h"

#include <string.h>

#define ASCII_WORD_BYTES 8
#define ASCII_WORD_MASK UINT64_C(0x8080808080808080)

enum part {
    PART_CHARACTER, /* a complete character */
    PART_BAD,       /* ill-formed */
    PART_CUT,       /* the data end inside of what could become a character */
};

struct lead {
    size_t trailing;     /* number of continuation bytes */
    uint8_t least, most; /* range of the first continuation byte */
};

static struct lead lead_of(uint8_t byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){1, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return (struct lead){2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
    if (byte >= 0xF0 && byte <= 0xF4)
        return (struct lead){3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
    return (struct lead){0, 0, 0};
}

/* Classify the character or ill-formed part at the start of data[0..len), where len is at least 1.
 * Sets *size to its length. */
static enum part step(const uint8_t *data, size_t len, size_t *size)
{
    *size = 1;
    if (data[0] < 0x80)
        return PART_CHARACTER;
    struct lead lead = lead_of(data[0]);
    if (lead.trailing == 0)
        return PART_BAD;
    for (size_t i = 1; i <= lead.trailing; i++, ++*size) {
        if (i == len)
            return PART_CUT;
        uint8_t least = i == 1 ? lead.least : 0x80;
        uint8_t most = i == 1 ? lead.most : 0xBF;
        if (data[i] < least || data[i] > most)
            return PART_BAD;
    }
    return PART_CHARACTER;
}

size_t utf8_character(const uint8_t *data, size_t len)
{
    size_t size;
    return step(data, len, &size) == PART_CHARACTER ? size : 0;
}

size_t utf8_bad_part(const uint8_t *data, size_t len)
{
    size_t size;
    step(data, len, &size);
    return size;
}

static size_t ascii_prefix(const uint8_t *data, size_t len)
{
    size_t at = 0;
    for (; len - at >= ASCII_WORD_BYTES; at += ASCII_WORD_BYTES) {
        uint64_t word;
        memcpy(&word, data + at, sizeof word);
        if (word & ASCII_WORD_MASK)
            break;
    }
    while (at < len && data[at] < 0x80)
        at++;
    return at;
}

size_t utf8_valid_prefix(const uint8_t *data, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t size = ascii_prefix(data + at, len - at);
        if (size == 0 && step(data + at, len - at, &size) != PART_CHARACTER)
            break;
        at += size;
    }
    return at;
}

bool utf8_is_valid(const uint8_t *data, size_t len)
{
    return utf8_valid_prefix(data, len) == len;
}

static bool append_sanitized(struct buf *out, const uint8_t *data, size_t len)
{
    while (len > 0) {
        size_t good = utf8_valid_prefix(data, len);
        if (good > 0 && !buf_append(out, data, good))
            return false;
        data += good;
        len -= good;
        if (len == 0)
            break;
        size_t bad;
        step(data, len, &bad);
        if (!buf_append_string(out, "\xEF\xBF\xBD"))
            return false;
        data += bad;
        len -= bad;
    }
    return true;
}

bool utf8_sanitize(struct buf *out, const uint8_t *data, size_t len)
{
    size_t before = out->len;
    if (append_sanitized(out, data, len))
        return true;
    buf_truncate(out, before);
    return false;
}

size_t utf8_cut(const uint8_t *data, size_t len)
{
    for (size_t tail = 1; tail <= 3 && tail <= len; tail++) {
        uint8_t byte = data[len - tail];
        if (byte >= 0x80 && byte <= 0xBF)
            /* a continuation byte: search further left for the first byte of its character */
            continue;
        size_t size;
        return step(data + len - tail, tail, &size) == PART_CUT ? len - tail : len;
    }
    return len;
}
