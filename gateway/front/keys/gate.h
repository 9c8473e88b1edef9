/* gate.h - decides who may pass: the keys file, and what a request must show.
 *
 * Without MAYFLY_KEYS_FILE everybody may call (the settings then allow loopback only, or say
 * MAYFLY_AUTH=none), but for web pages of other origins (origin.h). With it, a request shows a key,
 * as "Authorization: Bearer KEY" or "X-API-Key: KEY", unless its path is open to everybody (the
 * caller knows) or it is a preflight. No page can guess a key, so its origin is not looked at.
 *
 * The door asks twice: when a head has come, so that nobody without a key has a body read; and when
 * the request has come whole.
 */
#ifndef MAYFLY_GATE_H
#define MAYFLY_GATE_H

#include "common/sample.h"
#include "front/http/guard.h"
#include "front/keys/account.h"

struct gate;

/* The caller of a request; both NULL where no keys are configured. Lent until the next gate_reload.
 */
struct caller {
    const struct key *key;
    struct account *account;
};

/* The name of the caller's key; "" when there is none. */
static inline const char *caller_name(const struct caller *caller)
{
    return caller->key ? caller->key->name : "";
}

/* Reads the keys file, if one is configured. Lends config for the life of the process. NULL with
 * ERR_INVALID, ERR_SYSTEM. */
struct gate *gate_new(const struct config *config, struct error *err);

/* Read the file again. When that fails, the keys stay as they are: a half-written file locks nobody
 * out. Logs keys_read or keys_rejected. */
void gate_reload(struct gate *gate);

/* Put the metrics: how much each key uses, and what it was refused. */
void gate_report(const struct gate *gate, struct samples *samples);

/* needs_key: the path is not open. False: *problem is a 401, 403, 421 or 500; its strings are
 * static. */
bool gate_admits(struct gate *gate, const struct guard_pass *pass, bool needs_key,
                 struct caller *caller, struct problem *problem);

#endif
