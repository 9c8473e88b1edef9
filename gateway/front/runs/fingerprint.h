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
bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

#endif
