/* gate.h - decides which requests may pass: by their key or, if no keys are required, by their
 * origin.
 *
 * Without MAYFLY_KEYS_FILE everybody may call, except web pages of other origins (origin.h). The
 * front then listens only on loopback, unless MAYFLY_AUTH is none. With MAYFLY_KEYS_FILE, a request
 * needs a key, as "Authorization: Bearer KEY" or "X-API-Key: KEY". Exceptions are preflights, and
 * paths that are open to everybody, which the caller knows. Origins are not checked for a request
 * with a key, because no web page can guess a key.
 *
 * The gate is asked twice: when the head has arrived, so that no body is read without a key, and
 * when the request is complete.
 */
#ifndef MAYFLY_GATE_H
#define MAYFLY_GATE_H

#include "common/sample.h"
#include "front/http/guard.h"
#include "front/keys/account.h"

struct gate;

/* The sender of a request; both are NULL if no keys are configured. Valid until gate_reload. */
struct caller {
    const struct key *key;
    struct account *account;
};

/* Returns the name of the caller's key; "" if there is none. */
static inline const char *caller_name(const struct caller *caller)
{
    return caller->key ? caller->key->name : "";
}

/* Read the keys file, if one is configured. Borrows config for the life of the process. Returns
 * NULL with ERR_INVALID or ERR_SYSTEM on failure. */
struct gate *gate_new(const struct config *config, struct error *err);

/* Read the file again. If that fails, the old keys stay valid, so that a half-written file locks
 * nobody out. Logs keys_read or keys_rejected. */
void gate_reload(struct gate *gate);

/* Append the metrics: how much each key uses, and how often its limits refused a run. */
void gate_report(const struct gate *gate, struct samples *samples);

/* Decide whether the request may pass. needs_key: its path is not open to everybody. If it returns
 * false, *problem is a 401, 403 or 421, or a 500 when memory is out; its strings are static. */
bool gate_admits(struct gate *gate, const struct guard_pass *pass, bool needs_key,
                 struct caller *caller, struct problem *problem);

#endif
