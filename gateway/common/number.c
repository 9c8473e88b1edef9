#include "common/number.h"

#include <string.h>

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
