#include "common/histogram.h"

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S (1000 * MS)
#define MOST_BITS 63 /* the shift of a number's tenth byte */

const struct histogram_scale histogram_seconds = {
    .bounds_count = 18,
    .bounds = {100 * US, 250 * US, 500 * US, 1 * MS, 2500 * US, 5 * MS, 10 * MS, 25 * MS, 50 * MS,
               100 * MS, 250 * MS, 500 * MS, 1 * S, 2500 * MS, 5 * S, 10 * S, 30 * S, 60 * S},
};

const struct histogram_scale histogram_bytes = {
    .bounds_count = 12,
    .bounds = {0, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20,
               16 << 20, 64 << 20},
};

const struct histogram_scale histogram_percents = {
    .bounds_count = 8,
    .bounds = {0, 10, 25, 50, 75, 90, 99, 100},
};

void histogram_add(struct histogram *histogram, const struct histogram_scale *scale,
                   uint64_t number)
{
    size_t i = 0;
    while (i < scale->bounds_count && number > scale->bounds[i])
        i++;
    histogram->counts[i]++;
    histogram->sum += number;
}

static size_t put_number(uint8_t *out, uint64_t number)
{
    size_t len = 0;
    for (; number > 0x7f; number >>= 7)
        out[len++] = (uint8_t)(0x80 | (number & 0x7f));
    out[len++] = (uint8_t)number;
    return len;
}

/* Remove an encoded number from the front. Returns false when it is incomplete or exceeds 64
 * bits. */
static bool take_number(struct bytes *rest, uint64_t *number)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift <= MOST_BITS && rest->len > 0; shift += 7) {
        uint8_t byte = rest->data[0];
        *rest = bytes_of(rest->data + 1, rest->len - 1);
        if (shift == MOST_BITS && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *number = value;
        return true;
    }
    return false;
}

size_t histogram_encode(const struct histogram *histogram, const struct histogram_scale *scale,
                        uint8_t *out)
{
    size_t len = 0;
    for (size_t i = 0; i <= scale->bounds_count; i++)
        len += put_number(out + len, histogram->counts[i]);
    return len + put_number(out + len, histogram->sum);
}

bool histogram_decode(struct bytes bytes, const struct histogram_scale *scale,
                      struct histogram *histogram)
{
    struct histogram read = {0};
    for (size_t i = 0; i <= scale->bounds_count; i++) {
        if (!take_number(&bytes, &read.counts[i]))
            return false;
    }
    if (!take_number(&bytes, &read.sum) || bytes.len != 0)
        return false;
    *histogram = read;
    return true;
}
