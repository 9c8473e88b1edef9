/* UTF-8: sanitised bytes must be valid and stay the same when sanitised again, valid bytes must not
 * change, and a cut must not split a character. Base64: encoding and decoding must give the same
 * bytes, and a text that decodes must be the one that encoding gives.
 */
#include "fuzz.h"

#include "common/base64.h"
#include "common/utf8.h"

static void check_sanitize(const uint8_t *data, size_t len)
{
    struct buf once, twice;
    buf_init(&once, 3 * len);
    buf_init(&twice, 3 * len);
    must(utf8_sanitize(&once, data, len));
    must(utf8_is_valid(once.data, once.len));
    must(utf8_sanitize(&twice, once.data, once.len));
    must(same_bytes(buf_bytes(&once), buf_bytes(&twice)));

    size_t valid = utf8_valid_prefix(data, len);
    must(valid <= len && (valid == len) == utf8_is_valid(data, len));
    must(utf8_is_valid(data, valid));
    must(once.len >= valid && same_bytes(bytes_of(data, valid), bytes_of(once.data, valid)));
    must((once.len == valid) == (valid == len));
    buf_release(&once);
    buf_release(&twice);
}

/* Check that sanitising two parts, cut anywhere, gives the same as sanitising the whole. */
static void check_cut(const uint8_t *data, size_t len)
{
    struct buf whole, parts;
    buf_init(&whole, 3 * len);
    buf_init(&parts, 3 * len);
    must(utf8_sanitize(&whole, data, len));
    for (size_t at = 0; at <= len && len <= 64; at++) {
        size_t kept = utf8_cut(data, at);
        must(kept <= at && at - kept <= 3);
        must(utf8_sanitize(&parts, data, kept));
        must(utf8_sanitize(&parts, data + kept, len - kept));
        must(same_bytes(buf_bytes(&whole), buf_bytes(&parts)));
        buf_consume(&parts, parts.len);
    }
    buf_release(&whole);
    buf_release(&parts);
}

static void check_base64(const uint8_t *data, size_t len)
{
    struct buf text, plain, again;
    buf_init(&text, 2 * len + 4);
    buf_init(&plain, 2 * len + 4);
    buf_init(&again, 2 * len + 4);
    must(base64_encode(&text, data, len));
    must(base64_decode(&plain, (const char *)text.data, text.len));
    must(same_bytes(buf_bytes(&plain), bytes_of(data, len)));
    buf_consume(&plain, plain.len);
    if (base64_decode(&plain, (const char *)data, len)) {
        must(base64_encode(&again, plain.data, plain.len));
        must(same_bytes(buf_bytes(&again), bytes_of(data, len)));
    } else {
        must(plain.len == 0);
    }
    buf_release(&text);
    buf_release(&plain);
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    check_sanitize(data, len);
    check_cut(data, len);
    check_base64(data, len);
    return 0;
}
