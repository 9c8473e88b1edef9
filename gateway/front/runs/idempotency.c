#include "front/runs/idempotency.h"

#include <openssl/evp.h>
#include <string.h>

#include "common/job.h"

/* `struct digest` is OpenSSL's EVP_MD_CTX in disguise, to keep OpenSSL out of our headers. */
static EVP_MD_CTX *unwrap(struct digest *digest)
{
    return (EVP_MD_CTX *)digest;
}

struct digest *digest_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct digest *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

bool digest_add(struct digest *digest, struct bytes part)
{
    return EVP_DigestUpdate(unwrap(digest), part.data, part.len) == 1;
}

bool digest_end(struct digest *digest, struct fingerprint *fingerprint)
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_DigestFinal_ex(unwrap(digest), bytes, &len) != 1 || len != FINGERPRINT_BYTES)
        return false;
    memcpy(fingerprint->bytes, bytes, FINGERPRINT_BYTES);
    return true;
}

void digest_free(struct digest *digest)
{
    EVP_MD_CTX_free(unwrap(digest));
}

bool fingerprint_of(struct bytes data, struct fingerprint *fingerprint)
{
    struct digest *digest = digest_new();
    bool fine = digest && digest_add(digest, data) && digest_end(digest, fingerprint);
    digest_free(digest);
    return fine;
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
    return memcmp(a->bytes, b->bytes, FINGERPRINT_BYTES) == 0;
}

bool idempotency_is_key(struct bytes key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] <= ' ' || key.data[i] > '~')
            return false;
    }
    return key.len >= 1 && key.len <= IDEMPOTENCY_KEY_MAX_BYTES;
}

/* A NUL separates the two parts, because no owner's name contains one. */
bool idempotency_identify(const char *owner, struct bytes key, struct fingerprint *id)
{
    struct buf both;
    buf_init(&both, JOB_OWNER_NAME_MAX + 1 + IDEMPOTENCY_KEY_MAX_BYTES);
    bool fine = buf_append(&both, owner, strlen(owner) + 1) &&
                buf_append(&both, key.data, key.len) && fingerprint_of(buf_bytes(&both), id);
    buf_release(&both);
    return fine;
}
