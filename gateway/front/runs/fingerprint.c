#include "front/runs/fingerprint.h"

#include <string.h>

#include <openssl/evp.h>

bool fingerprint_of(struct bytes data, struct fingerprint *fingerprint)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(data.data, data.len, digest, &len, EVP_sha256(), NULL) != 1 ||
        len != FINGERPRINT_BYTES)
        return false;
    memcpy(fingerprint->bytes, digest, FINGERPRINT_BYTES);
    return true;
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
    return memcmp(a->bytes, b->bytes, FINGERPRINT_BYTES) == 0;
}
