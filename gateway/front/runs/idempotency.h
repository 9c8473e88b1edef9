/* idempotency.h - identifies a request with an Idempotency-Key, by the key and its owner, and by
 * the body. Both are kept as SHA-256, because they may be long.
 */
#ifndef MAYFLY_IDEMPOTENCY_H
#define MAYFLY_IDEMPOTENCY_H

#include "common/buf.h"

#define IDEMPOTENCY_KEY_MAX_BYTES 255
#define FINGERPRINT_BYTES 32

struct fingerprint {
    uint8_t bytes[FINGERPRINT_BYTES];
};

struct idempotency {
    struct fingerprint id;   /* of the owner's name and the key: the same for each repetition */
    struct fingerprint body; /* of the body: a different one is a mistake of the client */
};

/* Is this the value of an Idempotency-Key: 1 to IDEMPOTENCY_KEY_MAX_BYTES visible ASCII characters?
 */
bool idempotency_is_key(struct bytes key);
/* Compute the id. Fails as fingerprint_of does. */
bool idempotency_identify(const char *owner, struct bytes key, struct fingerprint *id);

/* Returns false, with *fingerprint untouched, when OpenSSL fails. */
bool fingerprint_of(struct bytes data, struct fingerprint *fingerprint);
/* The same for bytes that come in parts. digest_new returns NULL when OpenSSL fails. */
struct digest;
struct digest *digest_new(void);
bool digest_add(struct digest *digest, struct bytes part);
bool digest_end(struct digest *digest, struct fingerprint *fingerprint);
void digest_free(struct digest *digest); /* NULL is a no-op */

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

#endif
