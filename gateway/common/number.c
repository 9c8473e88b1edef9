#include "common/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_SHIFT 10
static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
#define UNITS_COUNT (sizeof units / sizeof units[0])

bool number_parse_uint(const char *text, size_t len, uint64_t *number)
{
    if (len == 0)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        unsigned digit = (unsigned)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

bool number_parse_millis(const char *text, size_t len, uint64_t *millis)
{
    const char *dot = memchr(text, '.', len);
    size_t whole_len = dot ? (size_t)(dot - text) : len;
    uint64_t whole;
    if (!number_parse_uint(text, whole_len, &whole) || whole > UINT64_MAX / 1000 - 1)
        return false;
    uint64_t part = 0;
    if (dot) {
        size_t part_len = len - whole_len - 1;
        if (part_len > 3 || !number_parse_uint(dot + 1, part_len, &part))
            return false;
        for (size_t i = part_len; i < 3; i++)
            part *= 10;
    }
    *millis = whole * 1000 + part;
    return true;
}

bool number_parse_bytes(const char *text, size_t len, uint64_t *bytes)
{
    size_t digits = 0, unit = 0;
    uint64_t number;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    size_t unit_len = len - digits;
    while (unit < UNITS_COUNT &&
           (strlen(units[unit]) != unit_len || memcmp(units[unit], text + digits, unit_len) != 0))
        unit++;
    if (unit == UNITS_COUNT || !number_parse_uint(text, digits, &number) ||
        number > UINT64_MAX >> (unit * UNIT_SHIFT))
        return false;
    *bytes = number << (unit * UNIT_SHIFT);
    return true;
}

/* Returns the position after the digits that begin at `at`. */
static size_t skip_digits(const char *text, size_t len, size_t at)
{
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

static size_t skip_sign(const char *text, size_t len, size_t at)
{
    return at < len && (text[at] == '+' || text[at] == '-') ? at + 1 : at;
}

static bool is_real(const char *text, size_t len)
{
    size_t begin = skip_sign(text, len, 0);
    size_t at = skip_digits(text, len, begin), digits_count = at - begin;
    if (at < len && text[at] == '.') {
        begin = at + 1;
        at = skip_digits(text, len, begin);
        digits_count += at - begin;
    }
    if (digits_count > 0 && at < len && (text[at] == 'e' || text[at] == 'E')) {
        begin = skip_sign(text, len, at + 1);
        at = skip_digits(text, len, begin);
        digits_count = at - begin;
    }
    return digits_count > 0 && at == len;
}

bool number_parse_real(const char *text, size_t len, double *number)
{
    char copy[NUMBER_REAL_MAX_BYTES + 1];
    if (len > NUMBER_REAL_MAX_BYTES || !is_real(text, len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    double read = strtod(copy, NULL);
    if (!isfinite(read))
        return false;
    *number = read;
    return true;
}

const char *number_format_millis(char text[NUMBER_MILLIS_BYTES], uint64_t millis)
{
    snprintf(text, NUMBER_MILLIS_BYTES, "%llu.%03u", (unsigned long long)millis / 1000,
             (unsigned)(millis % 1000));
    size_t len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    text[text[len - 1] == '.' ? len - 1 : len] = '\0';
    return text;
}

uint64_t number_in_unit(uint64_t bytes, const char **unit)
{
    size_t i = 0;
    while (bytes != 0 && i + 1 < UNITS_COUNT && bytes % (1 << UNIT_SHIFT) == 0) {
        bytes >>= UNIT_SHIFT;
        i++;
    }
    *unit = units[i];
    return bytes;
}
