#include "common/percent.h"

/* Returns -1 for any other character. */
static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool decode(struct bytes text, bool plus_is_space, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if (byte == '%') {
            int high = text.len - i > 2 ? digit_of(text.data[i + 1]) : -1;
            int low = text.len - i > 2 ? digit_of(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        if (!buf_append(out, &byte, 1))
            return false;
    }
    return true;
}

bool percent_decode(struct bytes text, struct buf *out)
{
    return decode(text, false, out);
}

bool percent_decode_query(struct bytes text, struct buf *out)
{
    return decode(text, true, out);
}
