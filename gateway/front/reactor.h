/* reactor.h - the front's own descriptors and timers, driven from inside h2o's loop.
 *
 * One epoll set holds every descriptor that is ours and not h2o's (the link, signals, the hang-up
 * watch of each pending request); h2o's loop watches that one set and calls reactor_dispatch.
 * There are timers of our own, because an h2o_timeout_t cannot be disposed in its own callback.
 *
 * Watches and timers are embedded in their owners and never allocated here. Single-threaded. A
 * callback may unwatch, disarm or free anything, its own watch or timer included. Knows neither
 * HTTP nor h2o.
 */
#ifndef MAYFLY_REACTOR_H
#define MAYFLY_REACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define REACTOR_BATCH 64

/* Zero-initialised plus fd, on_ready and arg is a valid watch that is off. */
struct watch {
    int fd;
    void (*on_ready)(void *arg, uint32_t epoll_events);
    void *arg;
    bool on; /* the reactor's */
};

/* Zero-initialised plus on_due and arg is a valid timer that is off. */
struct timer {
    void (*on_due)(void *arg);
    void *arg;
    uint64_t due_ms; /* the reactor's, as are the links: NULL when off */
    struct timer *prev, *next;
};

struct reactor {
    int epoll_fd; /* readable when reactor_dispatch has work */
    struct epoll_event batch[REACTOR_BATCH];
    int batch_count;
    struct timer timers; /* the ring's anchor; its next is due first */
};

bool reactor_init(struct reactor *reactor); /* false, errno set */
void reactor_release(struct reactor *reactor);

/* Watch for EPOLL* events, or change what is watched for. False, errno set, and nothing changed. */
bool reactor_watch(struct reactor *reactor, struct watch *watch, uint32_t epoll_events);
/* Silence: on_ready is not called again. Fine on a watch that is off. Call it before closing the
 * descriptor. */
void reactor_unwatch(struct reactor *reactor, struct watch *watch);

/* Call on_due once, at or soon after clock_now_ms() reaches due_ms. Arming again moves it. */
void reactor_arm(struct reactor *reactor, struct timer *timer, uint64_t due_ms);
void reactor_disarm(struct timer *timer);

/* Run the callbacks of the descriptors that are ready now. */
void reactor_dispatch(struct reactor *reactor);
/* Run the timers that are due. */
void reactor_run_timers(struct reactor *reactor);
/* How long the loop may sleep, in ms: 0 when a timer is due, at most a second. */
int reactor_sleep_ms(const struct reactor *reactor);

#endif
