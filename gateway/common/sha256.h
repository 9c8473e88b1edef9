/* sha256.h - SHA-256 of bytes in memory. */
#ifndef MAYFLY_SHA256_H
#define MAYFLY_SHA256_H

#include "common/buf.h"

#define SHA256_BYTES 32

void sha256(struct bytes bytes, uint8_t digest[static SHA256_BYTES]);

#endif
