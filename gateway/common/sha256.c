#include "common/sha256.h"

#include <openssl/sha.h>

void sha256(struct bytes bytes, uint8_t digest[static SHA256_BYTES])
{
    _Static_assert(SHA256_BYTES == SHA256_DIGEST_LENGTH, "the length of a digest");
    SHA256(bytes.len > 0 ? bytes.data : (const uint8_t *)"", bytes.len, digest);
}
