/* json_token.c - each function starts at the first byte of its token and stops after the last. */
#include "common/json_token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/utf8.h"

/* printf's %f needs fewer characters for any double. A longer literal is hostile. */
#define NUMBER_TEXT_MAX 400
#define INT64_MIN_MAGNITUDE (UINT64_C(1) << 63)
#define KEY_SHOWN_BYTES 60
/* The upper six bits of a surrogate pair's first and second half. */
#define HIGH_SURROGATE (0xD800 >> 10)
#define LOW_SURROGATE (0xDC00 >> 10)

bool json_token_fail_at(struct json_scan *s, size_t offset, const char *what)
{
    if (s->key.len == 0)
        return error_set(s->err, ERR_INVALID, "%s at byte %zu", what, offset);
    size_t shown = s->key.len;
    if (shown > KEY_SHOWN_BYTES)
        shown = utf8_cut(s->key.data, KEY_SHOWN_BYTES);
    return error_set(s->err, ERR_INVALID, "%s at byte %zu, in \"%.*s\"", what, offset, (int)shown,
                     (const char *)s->key.data);
}

/* Report an unexpected byte at the current position, or the end of the text. */
bool json_token_fail(struct json_scan *s, const char *what)
{
    if (s->at == s->data.len)
        what = "unexpected end of text";
    else if (utf8_character(s->data.data + s->at, s->data.len - s->at) == 0)
        what = "ill-formed UTF-8";
    return json_token_fail_at(s, s->at, what);
}

uint8_t json_token_peek(const struct json_scan *s)
{
    return s->at < s->data.len ? s->data.data[s->at] : 0;
}

bool json_token_accept(struct json_scan *s, char byte)
{
    if (json_token_peek(s) != (uint8_t)byte)
        return false;
    s->at++;
    return true;
}

void json_token_skip_space(struct json_scan *s, size_t until)
{
    while (s->at < until) {
        uint8_t byte = s->data.data[s->at];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return;
        s->at++;
    }
}

/* ---- strings: unescaped into `text`, which is long enough because no escape is shorter than its
 * character ---- */

static void put_byte(struct json_scan *s, unsigned byte)
{
    s->text[s->text_len++] = (uint8_t)byte;
}

static void put_character(struct json_scan *s, unsigned code)
{
    if (code < 0x80) {
        put_byte(s, code);
        return;
    }
    if (code < 0x800) {
        put_byte(s, 0xC0 | code >> 6);
    } else if (code < 0x10000) {
        put_byte(s, 0xE0 | code >> 12);
        put_byte(s, 0x80 | (code >> 6 & 0x3F));
    } else {
        put_byte(s, 0xF0 | code >> 18);
        put_byte(s, 0x80 | (code >> 12 & 0x3F));
        put_byte(s, 0x80 | (code >> 6 & 0x3F));
    }
    put_byte(s, 0x80 | (code & 0x3F));
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Read the four hex digits of a \u escape. */
static bool scan_code(struct json_scan *s, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int digit = hex_digit(json_token_peek(s));
        if (digit < 0)
            return json_token_fail(s, "bad \\u escape");
        *code = *code << 4 | (unsigned)digit;
    }
    return true;
}

static bool scan_unicode_escape(struct json_scan *s)
{
    size_t begin = s->at - 2;
    unsigned code, second;
    if (!scan_code(s, &code))
        return false;
    if (code >> 10 == LOW_SURROGATE)
        return json_token_fail_at(s, begin, "unpaired surrogate");
    if (code >> 10 != HIGH_SURROGATE) {
        s->has_nul = s->has_nul || code == 0;
        put_character(s, code);
        return true;
    }
    if (!json_token_accept(s, '\\') || !json_token_accept(s, 'u'))
        return json_token_fail_at(s, begin, "unpaired surrogate");
    if (!scan_code(s, &second))
        return false;
    if (second >> 10 != LOW_SURROGATE)
        return json_token_fail_at(s, begin, "unpaired surrogate");
    put_character(s, 0x10000 + ((code - 0xD800) << 10 | (second - 0xDC00)));
    return true;
}

static bool scan_escape(struct json_scan *s)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    s->at++; /* the backslash */
    uint8_t letter = json_token_peek(s);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found && letter != 'u')
        return json_token_fail(s, "bad escape");
    s->at++;
    if (letter == 'u')
        return scan_unicode_escape(s);
    put_byte(s, (uint8_t)meanings[found - letters]);
    return true;
}

/* Copy bytes without escapes, up to `until`, or to the end of the character that `until` would
 * split. */
static bool scan_plain(struct json_scan *s, size_t until)
{
    const uint8_t *data = s->data.data;
    size_t end = s->at;
    while (end < until && data[end] >= ' ' && data[end] != '"' && data[end] != '\\')
        end++;
    size_t most = end + (end == until ? UTF8_CHARACTER_MAX_BYTES - 1 : 0);
    while (end < most && end < s->data.len && (data[end] & 0xC0) == 0x80)
        end++;
    size_t valid = utf8_valid_prefix(data + s->at, end - s->at);
    if (valid < end - s->at)
        return json_token_fail_at(s, s->at + valid, "ill-formed UTF-8");
    memcpy(s->text + s->text_len, data + s->at, valid);
    s->text_len += valid;
    s->at = end;
    return true;
}

bool json_token_string(struct json_scan *s, size_t until, bool *is_whole)
{
    while (s->at < until && !*is_whole) {
        uint8_t byte = s->data.data[s->at];
        if (byte == '"') {
            s->at++;
            *is_whole = true;
        } else if (byte < ' ') {
            return json_token_fail(s, "control character in a string");
        } else if (!(byte == '\\' ? scan_escape(s) : scan_plain(s, until))) {
            return false;
        }
    }
    return true;
}

void json_token_begin_string(struct json_scan *s)
{
    s->at++; /* the quote */
    s->string_begin = s->text_len;
    s->has_nul = false;
}

struct bytes json_token_string_at_hand(const struct json_scan *s)
{
    return bytes_of(s->text + s->string_begin, s->text_len - s->string_begin);
}

/* ---- numbers and words ---- */

static bool scan_digits(struct json_scan *s)
{
    size_t begin = s->at;
    while (json_token_peek(s) >= '0' && json_token_peek(s) <= '9' &&
           s->at - begin <= NUMBER_TEXT_MAX)
        s->at++;
    return s->at > begin || json_token_fail(s, "digit expected");
}

static bool scan_fraction_and_exponent(struct json_scan *s)
{
    if (json_token_accept(s, '.') && !scan_digits(s))
        return false;
    if (!json_token_accept(s, 'e') && !json_token_accept(s, 'E'))
        return true;
    if (!json_token_accept(s, '+'))
        json_token_accept(s, '-');
    return scan_digits(s);
}

/* Returns false when an integer has more than 64 bits, or any other number exceeds a double. */
static bool read_number(const char *text, size_t len, struct json_scan_number *number)
{
    number->is_negative = text[0] == '-';
    if (!number->is_integer) {
        number->real = strtod(text, NULL);
        return isfinite(number->real);
    }
    size_t sign = number->is_negative ? 1 : 0;
    return number_parse_uint(text + sign, len - sign, &number->magnitude) &&
           (!number->is_negative || number->magnitude <= INT64_MIN_MAGNITUDE);
}

bool json_token_number(struct json_scan *s)
{
    struct json_scan_number number;
    size_t begin = s->at;
    json_token_accept(s, '-');
    bool zero = json_token_peek(s) == '0';
    if (!scan_digits(s))
        return false;
    size_t integer_end = s->at;
    if (zero && integer_end - begin > (s->data.data[begin] == '-' ? 2 : 1))
        return json_token_fail_at(s, begin, "leading zero");
    if (!scan_fraction_and_exponent(s))
        return false;
    char text[NUMBER_TEXT_MAX + 1];
    size_t len = s->at - begin;
    if (len > NUMBER_TEXT_MAX)
        return json_token_fail_at(s, begin, "number too long");
    memcpy(text, s->data.data + begin, len);
    text[len] = '\0';
    number.is_integer = s->at == integer_end;
    if (!read_number(text, len, &number))
        return json_token_fail_at(s, begin, "number out of range");
    return s->sink->on_number(s->arg, &number, s->err);
}

bool json_token_word(struct json_scan *s, const char *word)
{
    for (const char *letter = word; *letter; letter++) {
        if (!json_token_accept(s, *letter))
            return json_token_fail(s, "value expected");
    }
    return s->sink->on_word(s->arg, *word, s->err);
}
