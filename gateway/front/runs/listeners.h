/* listeners.h - the objects that listen to an execution: an exchange that waits for the answer, a
 * stream of events, the archive.
 *
 * A listener may leave, and make others leave, while all are notified. Knows nothing of executions.
 */
#ifndef MAYFLY_LISTENERS_H
#define MAYFLY_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/list.h"

struct execution;

/* Embedded in its owner. To initialise: zero it, then set on_said. It is then not attached. */
struct listener {
    /* The transcript has grown or finished. The listener may detach itself and others. */
    void (*on_said)(struct listener *listener);
    /* The transcript's memory is needed. The listener must not read it any more, and must detach
     * soon, but not within this call. NULL: the listener does not read the transcript. */
    void (*on_evicted)(struct listener *listener);
    /* Returns for how many ms the listener's client has let output wait (exchange_slow_ms). NULL if
     * on_evicted is NULL. */
    uint64_t (*slow_ms)(const struct listener *listener);
    /* it answers the client that sent the run; the run's claim is held until this listener
     * detaches */
    bool is_caller;
    struct execution *execution; /* NULL: not attached */
    struct node node;
};

/* A zeroed struct is empty. */
struct listeners {
    struct list list;
    struct listener *next; /* the listener that is called next, while all are notified */
};

void listeners_add(struct listeners *listeners, struct listener *listener);
/* Remove a listener, which is not called any more. */
void listeners_remove(struct listeners *listeners, struct listener *listener);
/* Call on_said of each listener. */
void listeners_tell(struct listeners *listeners);
void listeners_evict(const struct listeners *listeners);

bool listeners_have_caller(const struct listeners *listeners);
/* Returns the least slow_ms of all listeners that read the transcript. Returns UINT64_MAX if there
 * are none. */
uint64_t listeners_slow_ms(const struct listeners *listeners);

#endif
