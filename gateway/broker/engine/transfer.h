/* transfer.h - one libcurl easy handle, as enginehttp.c (calls) and attach.c (streams) share it.
 * Private to the two.
 *
 * A transfer is made, set up, handed over by transfer_go, and given to libcurl at the next safe
 * point; it ends once, by libcurl's word (`ended`) or by transfer_bury, and is freed at the
 * safe point after that: libcurl forbids adding and removing handles inside its callbacks.
 * Removing an unfinished transfer closes its connection, which for an attach stream is what
 * frees the engine.
 */
#ifndef MAYFLY_TRANSFER_H
#define MAYFLY_TRANSFER_H

#include "broker/engine/enginehttp.h"

struct transfer;

struct transfer_kind {
    /* libcurl's word on the end, outside its callbacks. The transfer is buried already. */
    void (*ended)(struct transfer *transfer, CURLcode code);
    /* The answer's head is complete (also a 101's), inside libcurl's callback. May be NULL. */
    void (*head_ended)(struct transfer *transfer);
    /* Let go of what the kind holds, and of the memory. */
    void (*release)(struct transfer *transfer);
    void (*buried)(
        struct transfer *transfer); /* it has ended in either way: stop timers. May be NULL */
};

struct transfer {
    const struct transfer_kind *kind;
    struct enginehttp *http;
    CURL *easy;
    struct curl_slist *headers;
    size_t head_bytes;
    bool added; /* to the multi handle */
    bool dead;
    void *arg;                        /* for the callbacks of the transfer's user */
    struct transfer *previous, *next; /* on http's list of live, or of dead transfers */
};

struct loop *transfer_loop(const struct transfer *transfer);

/* Fill a zeroed transfer. False when memory is out: release it with transfer_drop. */
bool transfer_init(struct transfer *transfer, struct enginehttp *http,
                   const struct transfer_kind *kind, const char *path, void *arg);
bool transfer_add_header(struct transfer *transfer, const char *line);
/* Hand over to enginehttp when set_up; else drop it and fail with ERR_SYSTEM. */
bool transfer_go(struct transfer *transfer, bool set_up, struct error *err);
/* Silence, and the end at the next safe point. Fine when dead already. */
void transfer_bury(struct transfer *transfer);
/* What libcurl's code means to us: ERR_TIMEOUT or ERR_ENGINE, with its text. */
struct error transfer_error(const struct transfer *t, CURLcode code);

#endif
