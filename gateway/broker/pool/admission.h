/* admission.h - decides whether a run may come in, and on which shelf it waits.
 *
 * A run is admitted if its job is within the configured maximums, the engine is up, the sandbox is
 * trusted, and there is room. When there is no room, an owner who holds less takes the place of a
 * run or shelf of the owner who holds the most (room.h). The pool then refuses that run, or frees
 * that shelf.
 */
#ifndef MAYFLY_ADMISSION_H
#define MAYFLY_ADMISSION_H

#include "broker/pool/queue.h"
#include "broker/pool/stock.h"

/* `why` is borrowed. Each callback must do its work before it returns. */
struct admission_events {
    /* This waiting run loses its place: refuse it. */
    void (*on_run_ousted)(void *arg, struct run *run, const struct error *why);
    /* This shelf loses its place: refuse the runs that wait on it, and free it. */
    void (*on_shelf_ousted)(void *arg, struct shelf *shelf, const struct error *why);
};

struct admission {
    /* borrowed; set by the caller before use */
    const struct config *config;
    const struct engine *engine;
    struct shelves *shelves;
    const struct queue *queue;
    const struct stock *stock;
    const struct admission_events *events;
    void *arg;

    /* private to admission.c, except `draining` */
    struct error distrust; /* the reason not to serve runs; ERR_NONE: the self-test has passed */
    bool draining;
};

/* Find the shelf for a job; `bytes` is the size of its frame. A job of the self-test is admitted
 * even if the sandbox is not trusted, boxes cannot be started, or there is no room. Fails as
 * pool_submit does. */
struct shelf *admission_find_shelf(struct admission *admission, const struct job *job, size_t bytes,
                                   bool is_canary, struct error *err);

/* Returns true if a run of a session may wait for the session's box. Fails as pool_submit does. */
bool admission_of_lease(struct admission *admission, const struct job *job, size_t bytes,
                        struct error *err);

/* Call admission_await_test when the engine has come up and no self-test has run yet. Call
 * admission_trust when a self-test has passed, and admission_distrust when one has failed. */
void admission_await_test(struct admission *admission);
void admission_trust(struct admission *admission);
void admission_distrust(struct admission *admission, const struct error *why);

/* Returns the reason why a run that is sent now would not be served; "" if it would be served. */
const char *admission_trouble(const struct admission *admission);

#endif
