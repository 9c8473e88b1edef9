#include "front/keys/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MOST_S 60

struct account *accounts_find(struct account **accounts, const char *name)
{
    for (struct account *account = *accounts; account; account = account->next) {
        if (strcmp(account->name, name) == 0)
            return account;
    }
    struct account *account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    snprintf(account->name, sizeof account->name, "%s", name);
    account->next = *accounts;
    *accounts = account;
    return account;
}

static bool has_key(const struct keys *keys, const char *name)
{
    for (size_t i = 0; keys && i < keys->count; i++) {
        if (strcmp(keys->all[i].name, name) == 0)
            return true;
    }
    return false;
}

void accounts_tidy(struct account **accounts, const struct keys *keys)
{
    while (*accounts) {
        struct account *account = *accounts;
        if (account->runs > 0 || has_key(keys, account->name)) {
            accounts = &account->next;
            continue;
        }
        *accounts = account->next;
        free(account);
    }
}

static uint32_t window_left(const struct account *account, const struct key *key, uint64_t now_ms)
{
    if (now_ms >= account->window_end_ms)
        return key->runs_per_minute;
    return account->window_runs < key->runs_per_minute ? key->runs_per_minute - account->window_runs
                                                       : 0;
}

const char *account_limit_name(enum account_limit limit)
{
    static const char *const names[ACCOUNT_LIMITS_COUNT] = {
        [ACCOUNT_RUNS] = "runs", [ACCOUNT_WAITING] = "waiting", [ACCOUNT_RATE] = "rate"};
    return names[limit];
}

static bool refuse(struct account *account, enum account_limit limit, uint64_t retry_ms,
                   struct problem *problem)
{
    static const char *const details[ACCOUNT_LIMITS_COUNT] = {
        [ACCOUNT_RUNS] = "This key has reached its limit of concurrent runs.",
        [ACCOUNT_WAITING] = "This key has reached its limit of waiting runs.",
        [ACCOUNT_RATE] = "This key has reached its limit of runs per minute.",
    };
    uint32_t retry_s = problem_seconds(retry_ms);
    account->refusals[limit]++;
    *problem = (struct problem){.status = 429,
                                .code = "rate_limited",
                                .detail = details[limit],
                                .retry_after_s = retry_s < RETRY_MOST_S ? retry_s : RETRY_MOST_S};
    return false;
}

static void take_of_window(struct account *account, uint64_t now_ms)
{
    if (now_ms >= account->window_end_ms) {
        account->window_runs = 0;
        account->window_end_ms = now_ms + ACCOUNT_WINDOW_MS;
    }
    account->window_runs++;
}

static void take_place(struct account *account, struct claim *claim)
{
    account->runs++;
    account->waiting++;
    *claim = (struct claim){.account = account, .is_waiting = true};
}

uint64_t account_extend(struct account *account, const struct key *key, uint64_t now_ms,
                        bool with_place, struct claim *claim)
{
    bool is_full = (key->max_runs && account->runs >= key->max_runs) ||
                   (key->max_waiting && account->waiting >= key->max_waiting);
    if (with_place && is_full)
        return UINT64_MAX;
    if (key->runs_per_minute && window_left(account, key, now_ms) == 0)
        return account->window_end_ms - now_ms;
    take_of_window(account, now_ms);
    if (with_place)
        take_place(account, claim);
    return 0;
}

bool account_claim(struct account *account, const struct key *key, uint64_t now_ms,
                   struct claim *claim, struct problem *problem)
{
    if (key->max_runs && account->runs >= key->max_runs)
        return refuse(account, ACCOUNT_RUNS, account->release_ms, problem);
    if (key->max_waiting && account->waiting >= key->max_waiting)
        return refuse(account, ACCOUNT_WAITING, account->release_ms, problem);
    if (key->runs_per_minute && window_left(account, key, now_ms) == 0)
        return refuse(account, ACCOUNT_RATE, account->window_end_ms - now_ms, problem);
    take_of_window(account, now_ms);
    take_place(account, claim);
    return true;
}

void claim_pair(struct claim *claim)
{
    if (claim->account && claim->is_waiting)
        claim->account->waiting--;
    claim->is_waiting = false;
}

void claim_end(struct claim *claim, uint64_t now_ms)
{
    struct account *account = claim->account;
    if (!account)
        return;
    claim_pair(claim);
    claim->account = NULL;
    account->runs--;
    uint64_t since_ms = account->released_ms ? now_ms - account->released_ms : 0;
    account->release_ms = (3 * account->release_ms + since_ms) / 4;
    account->released_ms = now_ms;
}

void account_headers(const struct account *account, const struct key *key, uint64_t now_ms,
                     char policy[ACCOUNT_HEADER_BYTES], char limit[ACCOUNT_HEADER_BYTES])
{
    policy[0] = limit[0] = '\0';
    if (!key->runs_per_minute)
        return;
    uint64_t left_ms =
        now_ms < account->window_end_ms ? account->window_end_ms - now_ms : ACCOUNT_WINDOW_MS;
    snprintf(policy, ACCOUNT_HEADER_BYTES, "\"runs\";q=%u;w=%u", key->runs_per_minute,
             ACCOUNT_WINDOW_MS / 1000U);
    snprintf(limit, ACCOUNT_HEADER_BYTES, "\"runs\";r=%u;t=%u", window_left(account, key, now_ms),
             problem_seconds(left_ms));
}
