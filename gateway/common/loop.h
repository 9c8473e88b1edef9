/* loop.h - the common interface of the two event loops: libcurl's in the broker
 * (broker/loop/loop.h), and h2o's in the front (front/reactor.h). Each has timers (common/timer.h)
 * and watches. Code that uses only these works in both.
 *
 * Single-threaded. A turn: wait until something is ready or due; call watches; fire timers.
 *
 * The four laws of every callback:
 *   1. never before the call that promised it has returned;
 *   2. exactly once where one is promised, and never after a cancel;
 *   3. nothing is freed under a running callback, unless a header allows it: it is marked, and
 *      freed at the safe point;
 *   4. a function calls its caller's callbacks as its last act.
 */
#ifndef MAYFLY_COMMON_LOOP_H
#define MAYFLY_COMMON_LOOP_H

#include <poll.h>

#include "common/timer.h"

/* Interest in a descriptor, embedded in its owner. To initialise: zero it, then set fd, on_ready
 * and arg. It is then off. A timer or a watch may be stopped, and its owner freed, in any callback,
 * even its own. */
struct watch {
    int fd;
    void (*on_ready)(void *arg, short events); /* events: of poll(2) */
    void *arg;
    bool is_on;   /* the loop sets this and the next */
    short events; /* for which it is on */
};

/* The watches of one loop, which sets the two functions. */
struct watches {
    bool (*start)(struct watches *watches, struct watch *watch, short events);
    void (*stop)(struct watches *watches, struct watch *watch);
};

/* Watch for these events of poll(2), or change them; 0 is a pause. Keeps watch until watch_stop.
 * Errors and hang-ups are reported too, but maybe as POLLIN, and maybe not during a pause. Returns
 * false, with nothing changed and errno set, when no further descriptor can be
 * watched. */
static inline bool watch_start(struct watches *watches, struct watch *watch, short events)
{
    return watches->start(watches, watch, events);
}

/* Stop: on_ready is not called any more. A no-op when it is off. Call it before closing the
 * descriptor. */
static inline void watch_stop(struct watches *watches, struct watch *watch)
{
    watches->stop(watches, watch);
}

#endif
