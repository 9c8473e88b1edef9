/* fingerprint.h - SHA-256: what stands for bytes that would be too long to keep. */
#ifndef MAYFLY_FINGERPRINT_H
#define MAYFLY_FINGERPRINT_H

#include "common/buf.h"

#define FINGERPRINT_BYTES 32

struct fingerprint {
    uint8_t bytes[FINGERPRINT_BYTES];
};

/* False, and *fingerprint untouched, when the system's library fails. */
bool fingerprint_of(struct bytes data, struct fingerprint *fingerprint);
/* The same of bytes that come in parts. NULL when the system's library fails. */
struct digest;
struct digest *digest_new(void);
bool digest_add(struct digest *digest, struct bytes part);
bool digest_end(struct digest *digest, struct fingerprint *fingerprint);
void digest_free(struct digest *digest); /* NULL is fine */

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

#endif
