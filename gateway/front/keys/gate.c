#include "front/keys/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/log.h"
#include "front/http/origin.h"

#define SCHEME "bearer "

struct gate {
    const struct config *config;
    struct keys *keys; /* NULL: no keys are required */
    struct account *accounts;
    uint64_t unauthorized_count;
};

/* ---- the file ---- */

/* The message names the user who must be able to read the file, which is usually not the user who
 * started this process. */
static bool cannot_be(const char *what, struct error *err)
{
    int why = errno;
    char user[64];
    const struct passwd *entry = getpwuid(geteuid()); /* cppcheck-suppress getpwuidCalled */
    snprintf(user, sizeof user, "%u", (unsigned)geteuid());
    errno = why;
    return error_errno(err, "it cannot be %s by user %s", what, entry ? entry->pw_name : user);
}

static bool read_file(const char *path, struct buf *text, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return cannot_be("opened", err);
    bool is_read = buf_read_all(text, fd);
    int why = errno;
    close(fd);
    if (!is_read && why == ENOBUFS)
        return error_set(err, ERR_INVALID, "it is larger than %zu bytes", KEYS_FILE_MAX_BYTES);
    errno = why;
    return is_read || cannot_be("read", err);
}

static struct keys *read_keys(const struct config *config, struct error *err)
{
    struct buf text;
    struct keys *keys = NULL;
    struct error why;
    buf_init(&text, KEYS_FILE_MAX_BYTES + 1);
    if (read_file(config->keys_file, &text, &why))
        keys = keys_parse(config, buf_bytes(&text), &why);
    if (!keys)
        error_set(err, why.kind, "MAYFLY_KEYS_FILE: %s (%s)", why.text, config->keys_file);
    buf_release(&text);
    return keys;
}

struct gate *gate_new(const struct config *config, struct error *err)
{
    struct gate *gate = calloc(1, sizeof *gate);
    if (!gate) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    gate->config = config;
    if (config->keys_file[0] && !(gate->keys = read_keys(config, err))) {
        free(gate);
        return NULL;
    }
    return gate;
}

void gate_reload(struct gate *gate)
{
    struct error err;
    if (!gate->keys)
        return;
    struct keys *keys = read_keys(gate->config, &err);
    if (!keys) {
        log_event(LOG_ERROR, "keys_rejected", LOG_STR("error", err.text), LOG_END);
        return;
    }
    free(gate->keys);
    gate->keys = keys;
    accounts_tidy(&gate->accounts, keys);
    log_event(LOG_INFO, "keys_read", LOG_U64("keys", keys->count), LOG_END);
}

/* ---- a request ---- */

/* Returns the credentials after "Bearer "; empty for another scheme. */
static struct bytes bearer_of(struct bytes authorization)
{
    size_t len = strlen(SCHEME);
    if (authorization.len <= len || strncasecmp((const char *)authorization.data, SCHEME, len) != 0)
        return (struct bytes){0};
    struct bytes token = bytes_of(authorization.data + len, authorization.len - len);
    while (token.len > 0 && token.data[0] == ' ')
        token = bytes_of(token.data + 1, token.len - 1);
    return token;
}

bool gate_admits(struct gate *gate, const struct guard_pass *pass, bool needs_key,
                 struct caller *caller, struct problem *problem)
{
    *caller = (struct caller){0};
    if (!gate->keys)
        return origin_admits(gate->config, pass, problem);
    if (!needs_key || origin_is_preflight(gate->config, pass))
        return true;
    struct bytes text = pass->authorization.data ? bearer_of(pass->authorization) : pass->api_key;
    *problem = (struct problem){
        .status = 401,
        .code = "unauthorized",
        .detail =
            text.len > 0
                ? "This gateway does not know this key."
                : "This gateway requires a key: Authorization: Bearer KEY, or X-API-Key: KEY.",
    };
    caller->key = keys_find(gate->keys, text);
    if (!caller->key) {
        gate->unauthorized_count++;
        return false;
    }
    caller->account = accounts_find(&gate->accounts, caller->key->name);
    if (caller->account)
        return true;
    *problem = problem_no_memory;
    return false;
}

void gate_report(const struct gate *gate, struct samples *samples)
{
    samples_put(samples, METRIC_HTTP_UNAUTHORIZED, LABELS(NULL), gate->unauthorized_count);
    for (const struct account *account = gate->accounts; account; account = account->next) {
        samples_put(samples, METRIC_KEY_RUNS, LABELS(account->name), account->runs);
        for (enum account_limit limit = 0; limit < ACCOUNT_LIMITS_COUNT; limit++)
            samples_put(samples, METRIC_KEY_REFUSALS,
                        LABELS(account->name, account_limit_name(limit)), account->refusals[limit]);
    }
}
