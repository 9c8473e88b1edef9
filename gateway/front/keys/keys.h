/* keys.h - the keys file: API keys and their limits.
 *
 *   {"keys": [{"name": "ci", "sha256": "9f86d0…", "max_runs": 4, "runs_per_minute": 600}]}
 *
 * A key is shown only once, when it is generated. The file contains its SHA-256. A key has 256
 * random bits, so the digest needs neither a salt nor a slow hash. Pure except for keys_generate.
 */
#ifndef MAYFLY_KEYS_H
#define MAYFLY_KEYS_H

#include "common/config.h"

#define KEYS_MAX 1000
#define KEYS_FILE_MAX_BYTES ((size_t)1 << 20)
#define KEY_DIGEST_BYTES 32
#define KEY_PREFIX "mf_"
#define KEY_TEXT_BYTES 46           /* the prefix and 43 characters of base64url */
#define KEY_NEVER_MATCHED_BYTES 512 /* a longer text is never compared */

struct key {
    /* [a-z0-9_][a-z0-9_-]*, unique; also used in logs, metrics and the queue */
    char name[JOB_OWNER_NAME_MAX + 1];
    uint8_t digest[KEY_DIGEST_BYTES]; /* unique */
    /* In the members below, 0 means that only the gateway's own limit applies. */
    uint32_t max_runs;        /* accepted runs that have not ended, or whose answer was not read */
    uint32_t max_waiting;     /* those accepted runs that have no box yet */
    uint32_t runs_per_minute; /* accepted runs */
    uint32_t max_timeout_ms;
    uint32_t box_runs; /* most runs of this key in one box; 0: MAYFLY_BOX_RUNS */
    uint64_t max_memory_bytes;
    uint32_t runtimes; /* bit i: runtimes[i] of the config is allowed */
};

struct keys {
    size_t count;
    struct key all[]; /* in the order of the file */
};

/* Parse a keys file. Returns the keys, owned by the caller (free); NULL with ERR_SYSTEM, or with
 * ERR_INVALID and a sentence that names the place ("keys[2].max_runs must be …"). */
struct keys *keys_parse(const struct config *config, struct bytes text, struct error *err);

/* Find the key with this text. Returns NULL when there is none. Takes the same time for all texts
 * of the same length. */
const struct key *keys_find(const struct keys *keys, struct bytes text);

/* Fill *narrowed with the settings as they apply to this key: limited by its maxima and runtimes,
 * with defaults lowered to fit. */
void key_narrow(const struct key *key, const struct config *config, struct config *narrowed);

/* Generate a key without limits, and its JSON entry for the file. Fails with ERR_INVALID (a bad
 * name) or ERR_SYSTEM. */
bool keys_generate(const char *name, char key[KEY_TEXT_BYTES + 1], struct buf *entry,
                   struct error *err);

#endif
