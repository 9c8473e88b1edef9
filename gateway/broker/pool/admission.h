/* admission.h - may a run come in, and on which shelf does it wait.
 *
 * A job must be within the configured maxima, the engine up, the sandbox trusted, and room there.
 * When there is none, the owner who holds the most gives way to one who holds less (room.h). What
 * becomes of a run or shelf that gives way is the pool's.
 */
#ifndef MAYFLY_ADMISSION_H
#define MAYFLY_ADMISSION_H

#include "broker/pool/queue.h"
#include "broker/pool/stock.h"

/* `why` is borrowed. Each must be carried out before it returns. */
struct admission_events {
    /* This waiting run gives way: refuse it. */
    void (*on_run_ousted)(void *arg, struct run *run, const struct error *why);
    /* This shelf gives way: refuse the runs that wait on it, and free it. */
    void (*on_shelf_ousted)(void *arg, struct shelf *shelf, const struct error *why);
};

struct admission {
    /* borrowed from whoever makes it */
    const struct config *config;
    const struct engine *engine;
    struct shelves *shelves;
    const struct queue *queue;
    const struct stock *stock;
    const struct admission_events *events;
    void *arg;

    /* private to admission.c, but for draining */
    struct error distrust; /* why nobody is served; ERR_NONE: the self-test has passed */
    bool draining;
};

/* Find the shelf for a job whose frame has so many bytes. The self-test is admitted while the
 * sandbox is not trusted, while boxes cannot be started, and where there is no room. Fails as
 * pool_submit does. */
struct shelf *admission_find_shelf(struct admission *admission, const struct job *job, size_t bytes,
                                   bool is_canary, struct error *err);

/* Nobody has looked at the sandbox since the engine came up; a self-test has passed; one has
 * not. */
void admission_await_test(struct admission *admission);
void admission_trust(struct admission *admission);
void admission_distrust(struct admission *admission, const struct error *why);

/* Returns why a run that is sent now would not be served, or "" if it would be. */
const char *admission_trouble(const struct admission *admission);

#endif
