/* transfer.h - one exchange with the engine over its Unix socket, shared by calls (enginehttp.h)
 * and streams (attach.h). libcurl's multi interface speaks the protocol.
 *
 * A transfer is made, set up, started by transfer_go, and given to libcurl at the next safe point.
 * It ends once, when libcurl reports the end (`on_ended`) or by transfer_bury. It is freed at the
 * next safe point, because libcurl forbids adding and removing handles inside its callbacks.
 * Removing an unfinished transfer closes its connection, which releases the engine from an attach
 * stream. Knows paths, but not their meaning.
 */
#ifndef MAYFLY_TRANSFER_H
#define MAYFLY_TRANSFER_H

#include "broker/loop/loop.h"
#include "common/list.h"

/* All transfers with one engine. */
struct transfers;

/* Borrows socket_path for its life. */
struct transfers *transfers_new(struct loop *loop, const char *socket_path, struct error *err);
/* End every transfer without a callback, and free all. */
void transfers_free(struct transfers *transfers);
/* Free the transfers that have ended. Call it at the safe point of each turn. */
void transfers_sweep(struct transfers *transfers);

struct transfer;

struct transfer_kind {
    /* libcurl has reported the end. Called outside of its callbacks; the transfer is buried
     * already. */
    void (*on_ended)(struct transfer *transfer, CURLcode code);
    /* The head of the answer is complete, also that of a 101. Called inside libcurl's callback. May
     * be NULL. */
    void (*on_head_ended)(struct transfer *transfer);
    /* The transfer has ended in any way: stop timers. May be NULL. */
    void (*on_buried)(struct transfer *transfer);
    /* Free what the kind holds, and the memory. */
    void (*release)(struct transfer *transfer);
};

struct transfer {
    const struct transfer_kind *kind;
    struct transfers *all;
    CURL *easy;
    struct curl_slist *headers;
    size_t head_bytes;
    bool added; /* to the multi handle */
    bool dead;
    void *arg;        /* for the callbacks of the transfer's user */
    struct node node; /* on the list of live, or of dead transfers */
};

struct loop *transfer_loop(const struct transfer *transfer);
struct timers *transfer_timers(const struct transfer *transfer);

/* Fill a zeroed transfer. Returns false when memory is out: transfer_go then releases it. */
bool transfer_init(struct transfer *transfer, struct transfers *transfers,
                   const struct transfer_kind *kind, const char *path, void *arg);
bool transfer_add_header(struct transfer *transfer, const char *line);
/* Start the transfer if set_up is true: every step before it has succeeded. Otherwise release it.
 * Fails with ERR_SYSTEM. */
bool transfer_go(struct transfer *transfer, bool set_up, struct error *err);
/* End the transfer without on_ended. It is freed at the next safe point. Idempotent. */
void transfer_bury(struct transfer *transfer);
/* Returns the error for libcurl's code: ERR_TIMEOUT or ERR_ENGINE, with its text. */
struct error transfer_error(const struct transfer *t, CURLcode code);

#endif
