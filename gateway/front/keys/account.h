/* account.h - counts how much of a key's limits is in use.
 *
 * An account belongs to a key's name, so it stays when the keys file is read again. Each accepted
 * run has a claim on it, until the run has ended and its answer was read. Runs per minute are
 * counted in windows of one minute, the first of which begins with a run. Pure: no clock, no HTTP.
 */
#ifndef MAYFLY_ACCOUNT_H
#define MAYFLY_ACCOUNT_H

#include "front/http/problem.h"
#include "front/keys/keys.h"

#define ACCOUNT_WINDOW_MS 60000

/* The limits that a run can be refused for. */
enum account_limit { ACCOUNT_RUNS, ACCOUNT_WAITING, ACCOUNT_RATE, ACCOUNT_LIMITS_COUNT };

struct account {
    struct account *next;
    char name[JOB_OWNER_NAME_MAX + 1];
    uint32_t runs, waiting; /* number of claims; number of claims whose run has no box */
    uint32_t window_runs;   /* runs accepted in the current window */
    uint64_t window_end_ms; /* monotonic; 0 before the first window */
    uint64_t refusals[ACCOUNT_LIMITS_COUNT];
    uint64_t released_ms, release_ms; /* when a run last ended; average time between two ends */
};

/* A run's claim. A zeroed claim claims nothing. */
struct claim {
    struct account *account;
    bool is_waiting;
};

/* Returns the account with that name, created if necessary; NULL when memory is out. It is valid
 * until accounts_tidy frees it. */
struct account *accounts_find(struct account **accounts, const char *name);
/* Free the accounts that have neither a key nor a claim. */
void accounts_tidy(struct account **accounts, const struct keys *keys);

/* Claim one more run. Returns false, with nothing claimed, when a limit of the key is reached:
 * *problem is then a 429 with Retry-After and a static detail. */
bool account_claim(struct account *account, const struct key *key, uint64_t now_ms,
                   struct claim *claim, struct problem *problem);
/* Count one more run of a submission that already has a claim. The run counts for runs per minute.
 * If with_place is true, it also gets a claim of its own, `claim`. Returns 0 on success. Otherwise
 * counts nothing, and returns after how many ms to try again; UINT64_MAX means after the end of
 * another run. */
uint64_t account_extend(struct account *account, const struct key *key, uint64_t now_ms,
                        bool with_place, struct claim *claim);
const char *account_limit_name(enum account_limit limit); /* "runs", "waiting", "rate" */
void claim_pair(struct claim *claim);                     /* the run has a box */
void claim_end(struct claim *claim, uint64_t now_ms);     /* idempotent */

/* Write the values of the headers RateLimit-Policy and RateLimit
 * (draft-ietf-httpapi-ratelimit-headers-11); "" if the key has no limit of runs per minute. */
#define ACCOUNT_HEADER_BYTES 96
void account_headers(const struct account *account, const struct key *key, uint64_t now_ms,
                     char policy[ACCOUNT_HEADER_BYTES], char limit[ACCOUNT_HEADER_BYTES]);

#endif
