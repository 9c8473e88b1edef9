/* reactor.h - the front's own descriptors, timers and long work, driven from inside h2o's loop.
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

#include "common/list.h"

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

/* Work that takes long, done a part in each turn. Zero-initialised plus on_turn and arg is a valid
 * task that is off. */
struct task {
    void (*on_turn)(void *arg);
    void *arg;
    struct node node; /* the reactor's */
};

struct reactor {
    int epoll_fd; /* readable when reactor_dispatch has work */
    struct epoll_event batch[REACTOR_BATCH];
    int batch_count;
    struct timer timers; /* the ring's anchor; its next is due first */
    struct list tasks;
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

/* Call on_turn in each turn, and let the loop not sleep, until reactor_end. Each call is to take a
 * millisecond or two at most. Fine on a task that is on, or off. */
void reactor_begin(struct reactor *reactor, struct task *task);
void reactor_end(struct task *task);

/* Run the callbacks of the descriptors that are ready now. */
void reactor_dispatch(struct reactor *reactor);
/* Run the timers that are due. */
void reactor_run_timers(struct reactor *reactor);
/* Give each task its turn. */
void reactor_run_tasks(struct reactor *reactor);
/* How long the loop may sleep, in ms: 0 when a timer is due or a task is on, at most a second. */
int reactor_sleep_ms(const struct reactor *reactor);

#endif
