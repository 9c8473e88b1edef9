/* loop.h - what the two event loops have in common. The broker's is built on libcurl
 * (broker/loop/loop.h), the front's on h2o (front/reactor.h). Both have timers (common/timer.h) and
 * watches, so code that uses only these works in both.
 *
 * Single-threaded. A turn of a loop waits until something is ready or due, then calls watches, then
 * fires timers.
 *
 * The four laws of every callback:
 *   1. It is never called before the function that promised it has returned.
 *   2. A promised callback comes exactly once, and never after a cancel.
 *   3. A callback frees no object whose code may still be running, unless a header allows it. The
 *      object is only marked, and freed later at the loop's safe point.
 *   4. A function calls its caller's callbacks as its last act.
 */
#ifndef MAYFLY_COMMON_LOOP_H
#define MAYFLY_COMMON_LOOP_H

#include <poll.h>

#include "common/timer.h"

/* Watches a file descriptor; embedded in its owner. To initialise: zero it, then set fd, on_ready
 * and arg. It is off at first. In any callback, even its own, a timer or watch may be stopped and
 * its owner freed. */
struct watch {
    int fd;
    void (*on_ready)(void *arg, short events); /* events of poll(2) */
    void *arg;
    bool is_on;   /* set by the loop, as is `events` */
    short events; /* what is watched for */
};

/* The watches of one loop. The loop sets the two functions. */
struct watches {
    bool (*start)(struct watches *watches, struct watch *watch, short events);
    void (*stop)(struct watches *watches, struct watch *watch);
};

/* Start watching for these events of poll(2), or change them; 0 pauses. Keeps the pointer
 * `watch` until watch_stop. Errors and hang-ups are reported too, though perhaps as POLLIN, and
 * perhaps not during a pause. Returns false, with nothing changed and errno set, when the
 * descriptor cannot be watched. */
static inline bool watch_start(struct watches *watches, struct watch *watch, short events)
{
    return watches->start(watches, watch, events);
}

/* Stop watching: on_ready is not called any more. No-op when it is off. Call this before closing
 * the descriptor. */
static inline void watch_stop(struct watches *watches, struct watch *watch)
{
    watches->stop(watches, watch);
}

#endif
