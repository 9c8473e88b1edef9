/* gate.h - decides which requests may pass, by the keys file or their origin.
 *
 * Without MAYFLY_KEYS_FILE everybody may call, except web pages of other origins (origin.h). The
 * settings then allow loopback only, unless MAYFLY_AUTH is none. With it, a request needs a key, as
 * "Authorization: Bearer KEY" or "X-API-Key: KEY", unless its path is open to everybody, which the
 * caller knows, or it is a preflight. No web page can guess a key, so origins are not checked here
 * then.
 *
 * The gate is asked twice: when the head has come, so that no body is read without a key; and again
 * when the request has come whole.
 */
#ifndef MAYFLY_GATE_H
#define MAYFLY_GATE_H

#include "common/sample.h"
#include "front/http/guard.h"
#include "front/keys/account.h"

struct gate;

/* The caller of a request; both NULL where no keys are configured. Valid until the next
 * gate_reload.
 */
struct caller {
    const struct key *key;
    struct account *account;
};

/* Returns the name of the caller's key; "" when it has none. */
static inline const char *caller_name(const struct caller *caller)
{
    return caller->key ? caller->key->name : "";
}

/* Reads the keys file, if one is configured. Borrows config for the life of the process. Fails with
 * NULL and ERR_INVALID or ERR_SYSTEM. */
struct gate *gate_new(const struct config *config, struct error *err);

/* Read the file again. If that fails, the old keys stay valid, so a half-written file locks nobody
 * out. Logs keys_read or keys_rejected. */
void gate_reload(struct gate *gate);

/* Append the metrics: how much each key uses, and how often its limits refused a run. */
void gate_report(const struct gate *gate, struct samples *samples);

/* May the request pass? needs_key: its path is not open. False: *problem is a 401, 403 or 421, or a
 * 500 when memory is out; its strings are static. */
bool gate_admits(struct gate *gate, const struct guard_pass *pass, bool needs_key,
                 struct caller *caller, struct problem *problem);

#endif
