/* transfer.h - one HTTP exchange with the engine over its Unix socket, done by libcurl. Calls
 * (enginehttp.h) and streams (attach.h) are built on it.
 *
 * A transfer is initialised, configured, started by transfer_go, and given to libcurl at the next
 * safe point. It ends once: when libcurl reports the end (`on_ended`), or by transfer_bury. It is
 * freed at the next safe point, because libcurl forbids adding and removing handles inside its
 * callbacks. Burying an unfinished transfer closes its connection, so that the engine's attach ends
 * too. Knows paths, but not their meaning.
 */
#ifndef MAYFLY_TRANSFER_H
#define MAYFLY_TRANSFER_H

#include "broker/loop/loop.h"
#include "common/list.h"

/* All transfers with one engine. */
struct transfers;

/* Borrows socket_path as long as it lives. */
struct transfers *transfers_new(struct loop *loop, const char *socket_path, struct error *err);
/* End all transfers without callbacks, and free everything. */
void transfers_free(struct transfers *transfers);
/* Start the transfers that are new, and free those that have ended. Call it at the loop's safe
 * point in each turn. */
void transfers_sweep(struct transfers *transfers);

struct transfer;

struct transfer_kind {
    /* libcurl has reported the end. Called outside of libcurl's callbacks; the transfer is already
     * buried. */
    void (*on_ended)(struct transfer *transfer, CURLcode code);
    /* The head of the answer is complete; also called for a 101. Called inside libcurl's callback.
     * May be NULL. */
    void (*on_head_ended)(struct transfer *transfer);
    /* The transfer has ended, by on_ended or transfer_bury: stop the kind's timers. May be NULL. */
    void (*on_buried)(struct transfer *transfer);
    /* Free the transfer, and what belongs to its kind. */
    void (*release)(struct transfer *transfer);
};

struct transfer {
    const struct transfer_kind *kind;
    struct transfers *all;
    CURL *easy;
    struct curl_slist *headers;
    size_t head_bytes;
    bool added; /* it was added to the multi handle */
    bool dead;
    void *arg;        /* for the callbacks of the transfer's user */
    struct node node; /* on the list of live or dead transfers */
};

struct loop *transfer_loop(const struct transfer *transfer);
struct timers *transfer_timers(const struct transfer *transfer);

/* Initialise a zeroed transfer. Returns false when memory is out; transfer_go then frees it. */
bool transfer_init(struct transfer *transfer, struct transfers *transfers,
                   const struct transfer_kind *kind, const char *path, void *arg);
bool transfer_add_header(struct transfer *transfer, const char *line);
/* Start the transfer if set_up is true: all steps of its configuration have succeeded. Otherwise
 * free it, and fail with ERR_SYSTEM. */
bool transfer_go(struct transfer *transfer, bool set_up, struct error *err);
/* End the transfer without calling on_ended. It is freed at the next safe point. No-op if it has
 * ended. */
void transfer_bury(struct transfer *transfer);
/* Returns an error for libcurl's code: ERR_TIMEOUT or ERR_ENGINE, with libcurl's text. */
struct error transfer_error(const struct transfer *t, CURLcode code);

#endif
