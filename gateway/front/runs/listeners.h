/* listeners.h - those who listen to an execution: an exchange that waits for the answer, a stream
 * of events, the archive.
 *
 * A listener may leave, and make others leave, while all are notified. Knows nothing of what they
 * listen to.
 */
#ifndef MAYFLY_LISTENERS_H
#define MAYFLY_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/list.h"

struct execution;

/* Embedded in its owner. To initialise: zero it, then set on_said. It is then not attached. */
struct listener {
    /* The transcript has more, or is finished. The listener may detach itself and others. */
    void (*on_said)(struct listener *listener);
    /* The memory of the transcript is needed. The listener must not read it any more, and must
     * detach soon, but not within the call. NULL: it does not read the transcript. */
    void (*on_evicted)(struct listener *listener);
    /* Returns for how many ms its client has let output wait (exchange_slow_ms). NULL if on_evicted
     * is NULL. */
    uint64_t (*slow_ms)(const struct listener *listener);
    bool is_caller; /* it answers the caller: the run's claim is held until it has detached */
    struct execution *execution; /* NULL: not attached */
    struct node node;
};

/* A zeroed struct is empty. */
struct listeners {
    struct list list;
    struct listener *next; /* the one that hears the news next, while they are notified */
};

void listeners_add(struct listeners *listeners, struct listener *listener);
/* It is not called any more. */
void listeners_remove(struct listeners *listeners, struct listener *listener);
/* Tell each of them. */
void listeners_tell(struct listeners *listeners);
void listeners_evict(const struct listeners *listeners);

bool listeners_have_caller(const struct listeners *listeners);
/* Returns the least time that a reader among them has let output wait. Returns UINT64_MAX without
 * one. */
uint64_t listeners_slow_ms(const struct listeners *listeners);

#endif
