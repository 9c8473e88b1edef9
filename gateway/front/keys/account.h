/* account.h - how much the owner of a key uses now, held against the key's limits.
 *
 * An account goes by the key's name, so that it lives on when the keys file is read again. Each
 * accepted run has a claim on it until it has ended. Runs a minute are counted in windows of one
 * minute, from the first run on. Pure: no clock, no HTTP.
 */
#ifndef MAYFLY_ACCOUNT_H
#define MAYFLY_ACCOUNT_H

#include "front/http/problem.h"
#include "front/keys/keys.h"

#define ACCOUNT_WINDOW_MS 60000

/* The limits for which a run is refused. */
enum account_limit { ACCOUNT_RUNS, ACCOUNT_WAITING, ACCOUNT_RATE, ACCOUNT_LIMITS_COUNT };

struct account {
    struct account *next;
    char name[JOB_OWNER_NAME_MAX + 1];
    uint32_t runs, waiting; /* claims; of these, those without a box */
    uint32_t window_runs;   /* accepted in this window */
    uint64_t window_end_ms; /* monotonic; 0 before the first */
    uint64_t refusals[ACCOUNT_LIMITS_COUNT];
    uint64_t released_ms, release_ms; /* the last end of a run; time between two, smoothed */
};

/* Zero-initialised is valid: of nobody. */
struct claim {
    struct account *account;
    bool is_waiting;
};

/* Find the account of that name, or make it. NULL on no memory. Valid until accounts_tidy when it
 * has no claims. */
struct account *accounts_find(struct account **accounts, const char *name);
/* Free those that no key has and no run claims. */
void accounts_tidy(struct account **accounts, const struct keys *keys);

/* Claim one more run. Returns false when a limit of the key forbids: *problem is a 429 with its
 * Retry-After, and nothing is taken. detail is static. */
bool account_claim(struct account *account, const struct key *key, uint64_t now_ms,
                   struct claim *claim, struct problem *problem);
const char *account_limit_name(enum account_limit limit); /* "runs", "waiting", "rate" */
void claim_pair(struct claim *claim);                     /* the run has a box */
void claim_end(struct claim *claim, uint64_t now_ms);     /* idempotent */

/* The values of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11), empty
 * where the key has no such limit. */
#define ACCOUNT_HEADER_BYTES 96
void account_headers(const struct account *account, const struct key *key, uint64_t now_ms,
                     char policy[ACCOUNT_HEADER_BYTES], char limit[ACCOUNT_HEADER_BYTES]);

#endif
