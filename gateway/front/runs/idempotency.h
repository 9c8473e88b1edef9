/* idempotency.h - recognises a repeated request with an Idempotency-Key. Owner, key and body may be
 * long, so their SHA-256 is kept.
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
    struct fingerprint id; /* of owner and key: the same for each repetition */
    /* of the body: the client has made a mistake if the id is the same and this differs */
    struct fingerprint body;
};

/* Returns true for a valid Idempotency-Key: 1 to IDEMPOTENCY_KEY_MAX_BYTES visible ASCII
 * characters.
 */
bool idempotency_is_key(struct bytes key);
/* Compute the id of a request. Fails like fingerprint_of. */
bool idempotency_identify(const char *owner, struct bytes key, struct fingerprint *id);

/* Returns false, with *fingerprint untouched, when OpenSSL fails. */
bool fingerprint_of(struct bytes data, struct fingerprint *fingerprint);
/* Compute a fingerprint of bytes that come in parts. digest_new returns NULL when OpenSSL fails. */
struct digest;
struct digest *digest_new(void);
bool digest_add(struct digest *digest, struct bytes part);
bool digest_end(struct digest *digest, struct fingerprint *fingerprint);
void digest_free(struct digest *digest); /* NULL is a no-op */

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

#endif
