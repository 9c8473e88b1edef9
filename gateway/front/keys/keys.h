/* keys.h - who may call, and how much: the keys file, read and checked.
 *
 *   {"keys": [{"name": "ci", "sha256": "9f86d0…", "max_runs": 4, "runs_per_minute": 600}]}
 *
 * A key is shown once, when it is made; the file holds its SHA-256. Keys have 256 random bits, so
 * the digest needs no salt and no slow hash. Pure but for keys_generate: text in, keys out.
 */
#ifndef MAYFLY_KEYS_H
#define MAYFLY_KEYS_H

#include "common/config.h"

#define KEYS_MAX 1000
#define KEYS_FILE_MAX_BYTES ((size_t)1 << 20)
#define KEY_DIGEST_BYTES 32
#define KEY_PREFIX "mf_"
#define KEY_TEXT_BYTES 46           /* the prefix, 43 characters of base64url */
#define KEY_NEVER_MATCHED_BYTES 512 /* a text that is longer is never a key */

struct key {
    char name[JOB_OWNER_NAME_MAX + 1]; /* [a-z0-9_][a-z0-9_-]*, unique; in logs, metrics, queue */
    uint8_t digest[KEY_DIGEST_BYTES];  /* unique */
    /* 0: as much as the gateway allows anybody */
    uint32_t max_runs;        /* accepted and not ended, or not read */
    uint32_t max_waiting;     /* of these, without a box yet */
    uint32_t runs_per_minute; /* accepted */
    uint32_t max_timeout_ms;
    uint32_t box_runs; /* most runs of this key in a box; 0: MAYFLY_BOX_RUNS */
    uint64_t max_memory_bytes;
    uint32_t runtimes; /* bit i: runtimes[i] of the config */
};

struct keys {
    size_t count;
    struct key all[]; /* in the order of the file */
};

/* Read a keys file's text. Returned owned: free() it. NULL with ERR_INVALID and a sentence that
 * names the place ("keys[2].max_runs must be …"), or ERR_SYSTEM. */
struct keys *keys_parse(const struct config *config, struct bytes text, struct error *err);

/* Find the key that this text is; NULL when there is none. Takes the same time for every text of a
 * length. */
const struct key *keys_find(const struct keys *keys, struct bytes text);

/* The settings as they are for this key: its maxima, its runtimes; defaults within them. */
void key_narrow(const struct key *key, const struct config *config, struct config *narrowed);

/* A new key, and the object for the file, without limits, as JSON. Fails with ERR_INVALID (name),
 * ERR_SYSTEM. */
bool keys_generate(const char *name, char key[KEY_TEXT_BYTES + 1], struct buf *entry,
                   struct error *err);

#endif
