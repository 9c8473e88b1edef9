/* account.h - how much of a key's limits is in use now.
 *
 * An account is found by the key's name, so it survives when the keys file is read again. Each
 * accepted run holds a claim on it until the run has ended. Runs per minute are counted in windows
 * of one minute, which begin with a run. Pure: no clock, no HTTP.
 */
#ifndef MAYFLY_ACCOUNT_H
#define MAYFLY_ACCOUNT_H

#include "front/http/problem.h"
#include "front/keys/keys.h"

#define ACCOUNT_WINDOW_MS 60000

/* The limits that can refuse a run. */
enum account_limit { ACCOUNT_RUNS, ACCOUNT_WAITING, ACCOUNT_RATE, ACCOUNT_LIMITS_COUNT };

struct account {
    struct account *next;
    char name[JOB_OWNER_NAME_MAX + 1];
    uint32_t runs, waiting; /* claims; those of them without a box */
    uint32_t window_runs;   /* accepted in this window */
    uint64_t window_end_ms; /* monotonic; 0 before the first */
    uint64_t refusals[ACCOUNT_LIMITS_COUNT];
    uint64_t released_ms, release_ms; /* when a run last ended; smoothed time between two ends */
};

/* A zeroed claim claims nothing. */
struct claim {
    struct account *account;
    bool is_waiting;
};

/* Find the account of that name, or make it. Returns NULL when memory is out. It is valid until
 * accounts_tidy finds it without claims. */
struct account *accounts_find(struct account **accounts, const char *name);
/* Free the accounts that have neither a key nor a claim. */
void accounts_tidy(struct account **accounts, const struct keys *keys);

/* Claim one more run. Returns false when a limit of the key is reached: *problem is then a 429 with
 * Retry-After and a static detail, and nothing is claimed. */
bool account_claim(struct account *account, const struct key *key, uint64_t now_ms,
                   struct claim *claim, struct problem *problem);
/* One more run of a submission that has a claim. It counts in this minute; `with_place`: it takes a
 * place of its own, too. Returns 0, or after how many ms another try makes sense: UINT64_MAX when a
 * run must end first. Nothing is taken then. */
uint64_t account_extend(struct account *account, const struct key *key, uint64_t now_ms,
                        bool with_place, struct claim *claim);
const char *account_limit_name(enum account_limit limit); /* "runs", "waiting", "rate" */
void claim_pair(struct claim *claim);                     /* the run has a box */
void claim_end(struct claim *claim, uint64_t now_ms);     /* idempotent */

/* Write the values of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11),
 * empty when the key has no limit of runs per minute. */
#define ACCOUNT_HEADER_BYTES 96
void account_headers(const struct account *account, const struct key *key, uint64_t now_ms,
                     char policy[ACCOUNT_HEADER_BYTES], char limit[ACCOUNT_HEADER_BYTES]);

#endif
