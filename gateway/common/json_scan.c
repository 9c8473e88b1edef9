/* json_scan.c - a recursive descent over RFC 8259's grammar, in the grammar's order.
 *
 * Each function stands at the first byte of what it is named for and leaves behind its last. UTF-8
 * is checked once for the whole text before; after that a byte of 0x80 or more is plain within a
 * string and an error elsewhere.
 */
#include "common/json_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/utf8.h"

/* Longer than any double's digits as printf's %f writes them; a longer literal is an attack, not a
 * number. */
#define NUMBER_TEXT_MAX 400
#define INT64_MIN_MAGNITUDE (UINT64_C(1) << 63)
#define KEY_SHOWN_BYTES 60

struct scan {
    const uint8_t *data;
    size_t len;
    size_t at;
    unsigned depth;
    size_t values, objects, members;
    struct bytes key; /* of the member whose value is at hand, as in the text; empty: of none */
    json_scan_on_key on_key;
    void *arg;
    struct error *err;
};

static bool scan_value(struct scan *s);

static bool fail_at(struct scan *s, size_t offset, const char *what)
{
    if (s->key.len == 0)
        return error_set(s->err, ERR_INVALID, "%s at byte %zu", what, offset);
    size_t shown = s->key.len;
    if (shown > KEY_SHOWN_BYTES)
        shown = utf8_cut(s->key.data, KEY_SHOWN_BYTES);
    return error_set(s->err, ERR_INVALID, "%s at byte %zu, in \"%.*s\"", what, offset, (int)shown,
                     (const char *)s->key.data);
}

static bool fail(struct scan *s, const char *what)
{
    return fail_at(s, s->at, s->at == s->len ? "unexpected end of text" : what);
}

/* The byte at hand, 0 at the end: NUL stands nowhere in the grammar. */
static uint8_t peek(const struct scan *s)
{
    return s->at < s->len ? s->data[s->at] : 0;
}

static bool accept(struct scan *s, char byte)
{
    if (peek(s) != (uint8_t)byte)
        return false;
    s->at++;
    return true;
}

static void skip_space(struct scan *s)
{
    for (;;) {
        uint8_t byte = peek(s);
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return;
        s->at++;
    }
}

/* ---- strings ---- */

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits of a \u escape. */
static bool scan_code(struct scan *s, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int digit = hex_digit(peek(s));
        if (digit < 0)
            return fail(s, "bad \\u escape");
        *code = *code << 4 | (unsigned)digit;
    }
    return true;
}

static bool is_high_surrogate(unsigned code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low_surrogate(unsigned code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

static bool scan_unicode_escape(struct scan *s, bool *has_nul)
{
    size_t begin = s->at - 2;
    unsigned code, second;
    if (!scan_code(s, &code))
        return false;
    *has_nul = *has_nul || code == 0;
    if (is_low_surrogate(code))
        return fail_at(s, begin, "unpaired surrogate");
    if (!is_high_surrogate(code))
        return true;
    if (!accept(s, '\\') || !accept(s, 'u'))
        return fail_at(s, begin, "unpaired surrogate");
    if (!scan_code(s, &second))
        return false;
    return is_low_surrogate(second) || fail_at(s, begin, "unpaired surrogate");
}

static bool scan_escape(struct scan *s, bool *has_nul)
{
    s->at++; /* the backslash */
    uint8_t letter = peek(s);
    if (letter == 0 || !strchr("\"\\/bfnrtu", letter))
        return fail(s, "bad escape");
    s->at++;
    return letter != 'u' || scan_unicode_escape(s, has_nul);
}

static bool scan_string(struct scan *s, bool *has_nul)
{
    *has_nul = false;
    s->at++; /* the quote */
    for (;;) {
        while (s->at < s->len && s->data[s->at] >= ' ' && s->data[s->at] != '"' &&
               s->data[s->at] != '\\')
            s->at++;
        if (accept(s, '"'))
            return true;
        if (peek(s) != '\\')
            return fail(s, "control character in a string");
        if (!scan_escape(s, has_nul))
            return false;
    }
}

/* ---- numbers ---- */

static bool scan_digits(struct scan *s)
{
    size_t begin = s->at;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at > begin || fail(s, "digit expected");
}

static bool scan_fraction_and_exponent(struct scan *s)
{
    if (accept(s, '.') && !scan_digits(s))
        return false;
    if (!accept(s, 'e') && !accept(s, 'E'))
        return true;
    if (!accept(s, '+'))
        accept(s, '-');
    return scan_digits(s);
}

/* json-c saturates an integer that it cannot hold, and calls 1e999 infinite. */
static bool is_representable(const char *text, size_t len, bool integer)
{
    if (!integer)
        return isfinite(strtod(text, NULL));
    uint64_t magnitude;
    bool negative = text[0] == '-';
    if (!number_parse_uint(text + negative, len - negative, &magnitude))
        return false;
    return !negative || magnitude <= INT64_MIN_MAGNITUDE;
}

static bool scan_number(struct scan *s)
{
    size_t begin = s->at;
    accept(s, '-');
    bool zero = peek(s) == '0';
    if (!scan_digits(s))
        return false;
    size_t integer_end = s->at;
    if (zero && integer_end - begin > (s->data[begin] == '-' ? 2 : 1))
        return fail_at(s, begin, "leading zero");
    if (!scan_fraction_and_exponent(s))
        return false;
    char text[NUMBER_TEXT_MAX + 1];
    size_t len = s->at - begin;
    if (len > NUMBER_TEXT_MAX)
        return fail_at(s, begin, "number too long");
    memcpy(text, s->data + begin, len);
    text[len] = '\0';
    return is_representable(text, len, s->at == integer_end) ||
           fail_at(s, begin, "number out of range");
}

/* ---- arrays and objects ---- */

static bool enter(struct scan *s)
{
    if (s->depth == JSON_DEPTH_MAX)
        return fail(s, "nested too deep");
    s->depth++;
    s->at++; /* the bracket */
    skip_space(s);
    return true;
}

/* After an element: a comma and on (*more), or the closing bracket. */
static bool scan_separator(struct scan *s, char closing, bool *more)
{
    skip_space(s);
    *more = accept(s, ',');
    if (*more) {
        skip_space(s);
        return true;
    }
    if (!accept(s, closing))
        return fail(s, closing == '}' ? "',' or '}' expected" : "',' or ']' expected");
    s->depth--;
    return true;
}

static bool scan_array(struct scan *s)
{
    if (!enter(s))
        return false;
    if (accept(s, ']')) {
        s->depth--;
        return true;
    }
    for (bool more = true; more;) {
        if (!scan_value(s) || !scan_separator(s, ']', &more))
            return false;
    }
    return true;
}

static bool scan_key(struct scan *s, size_t object, struct bytes *raw)
{
    struct json_scan_key key = {.object = object, .offset = s->at};
    bool has_nul;
    if (peek(s) != '"')
        return fail(s, "key expected");
    if (!scan_string(s, &has_nul))
        return false;
    if (has_nul)
        return fail_at(s, key.offset, "NUL in a key");
    s->members++;
    s->values++;
    *raw = key.raw = bytes_of(s->data + key.offset + 1, s->at - key.offset - 2);
    return !s->on_key || s->on_key(s->arg, &key, s->err);
}

static bool scan_member(struct scan *s, size_t object)
{
    struct bytes outer = s->key, key;
    if (!scan_key(s, object, &key))
        return false;
    skip_space(s);
    if (!accept(s, ':'))
        return fail(s, "':' expected");
    skip_space(s);
    s->key = key;
    if (!scan_value(s))
        return false;
    s->key = outer;
    return true;
}

static bool scan_object(struct scan *s)
{
    size_t object = ++s->objects;
    if (!enter(s))
        return false;
    if (accept(s, '}')) {
        s->depth--;
        return true;
    }
    for (bool more = true; more;) {
        if (!scan_member(s, object) || !scan_separator(s, '}', &more))
            return false;
    }
    return true;
}

static bool scan_word(struct scan *s, const char *word)
{
    for (; *word; word++) {
        if (!accept(s, *word))
            return fail(s, "value expected");
    }
    return true;
}

static bool scan_value(struct scan *s)
{
    bool has_nul; /* welcome in a value */
    s->values += peek(s) == '{' || peek(s) == '[' ? JSON_CONTAINER_VALUES : 1;
    if (s->values > JSON_VALUES_MAX)
        return fail(s, "too many values");
    switch (peek(s)) {
    case '{':
        return scan_object(s);
    case '[':
        return scan_array(s);
    case '"':
        return scan_string(s, &has_nul);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    case '-':
    case '0' ... '9':
        return scan_number(s);
    default:
        return fail(s, "value expected");
    }
}

bool json_scan(const uint8_t *data, size_t len, json_scan_on_key on_key, void *arg, size_t *members,
               struct error *err)
{
    struct scan s = {.data = data, .len = len, .on_key = on_key, .arg = arg, .err = err};
    size_t valid = utf8_valid_prefix(data, len);
    if (valid < len)
        return fail_at(&s, valid, "ill-formed UTF-8");
    skip_space(&s);
    if (!scan_value(&s))
        return false;
    skip_space(&s);
    if (s.at < len)
        return fail(&s, "text behind the value");
    *members = s.members;
    return true;
}
