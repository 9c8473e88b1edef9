/* base64.c - see base64.h. Both directions reserve space for the whole result first, so a failure
 * leaves `out` unchanged. */
#include "common/base64.h"

#define GROUP_BYTES 3
#define GROUP_CHARACTERS 4
#define NOT_A_DIGIT 64

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(uint8_t *to, const uint8_t *from, size_t len)
{
    uint32_t bits = (uint32_t)from[0] << 16;
    if (len > 1)
        bits |= (uint32_t)from[1] << 8;
    if (len > 2)
        bits |= from[2];
    to[0] = (uint8_t)alphabet[bits >> 18];
    to[1] = (uint8_t)alphabet[bits >> 12 & 63];
    to[2] = len > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : '=';
    to[3] = len > 2 ? (uint8_t)alphabet[bits & 63] : '=';
}

size_t base64_size(size_t len)
{
    return (len + GROUP_BYTES - 1) / GROUP_BYTES * GROUP_CHARACTERS;
}

bool base64_encode(struct buf *out, const uint8_t *data, size_t len)
{
    if (len == 0)
        return true;
    if (len > SIZE_MAX / 2)
        return false;
    size_t size = base64_size(len);
    uint8_t *to = buf_reserve(out, size);
    if (!to)
        return false;
    for (; len > 0; to += GROUP_CHARACTERS) {
        size_t taken = len < GROUP_BYTES ? len : GROUP_BYTES;
        encode_group(to, data, taken);
        data += taken;
        len -= taken;
    }
    buf_commit(out, size);
    return true;
}

static uint32_t digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : NOT_A_DIGIT;
}

/* Decode one group of four characters into `count` bytes (1 to 3). Fails if the unused low bits are
 * not zero. Padding characters are read as 'A', which is zero. */
static bool decode_group(uint8_t *to, const char *from, size_t count)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < GROUP_CHARACTERS; i++) {
        bool padding = i > count;
        if (padding && from[i] != '=')
            return false;
        uint32_t digit = padding ? 0 : digit_of(from[i]);
        if (digit == NOT_A_DIGIT)
            return false;
        bits = bits << 6 | digit;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)(bits >> (16 - 8 * i));
    uint32_t left_over = count == 3 ? 0 : bits & (count == 2 ? 0xFF : 0xFFFF);
    return left_over == 0;
}

static size_t padding_of(const char *text, size_t len)
{
    if (text[len - 1] != '=')
        return 0;
    return text[len - 2] == '=' ? 2 : 1;
}

bool base64_decode(struct buf *out, const char *text, size_t len)
{
    if (len == 0)
        return true;
    if (len % GROUP_CHARACTERS != 0)
        return false;
    size_t size = len / GROUP_CHARACTERS * GROUP_BYTES - padding_of(text, len);
    uint8_t *to = buf_reserve(out, size);
    if (!to)
        return false;
    for (size_t done = 0; done < size; done += GROUP_BYTES, text += GROUP_CHARACTERS) {
        size_t count = size - done < GROUP_BYTES ? size - done : GROUP_BYTES;
        if (!decode_group(to + done, text, count))
            return false; /* `out` is unchanged: nothing was committed */
    }
    buf_commit(out, size);
    return true;
}
