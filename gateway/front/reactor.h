/* reactor.h - the front's own watches, timers and long work, driven from inside h2o's loop.
 *
 * One epoll set holds every descriptor that is ours and not h2o's (the link, signals, the hang-up
 * watch of each pending request); h2o's loop watches that one set and calls reactor_dispatch.
 * There are timers of our own, because an h2o_timeout_t cannot be disposed in its own callback.
 *
 * Callbacks follow the four laws in common/loop.h, and any of them may free anything: the front has
 * no safe point. Knows neither HTTP nor h2o.
 */
#ifndef MAYFLY_REACTOR_H
#define MAYFLY_REACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "common/list.h"
#include "common/loop.h"

#define REACTOR_BATCH 64

/* Work that takes long, done a part in each turn. Zero-initialised plus on_turn and arg is a valid
 * task that is off. */
struct task {
    void (*on_turn)(void *arg);
    void *arg;
    struct node node; /* the reactor's */
};

struct reactor {
    struct watches watches; /* the first member */
    struct timers timers;
    int epoll_fd; /* readable when reactor_dispatch has work */
    struct epoll_event batch[REACTOR_BATCH];
    int batch_count;
    struct list tasks;
};

bool reactor_init(struct reactor *reactor); /* false, errno set */
void reactor_release(struct reactor *reactor);

/* Call on_turn in each turn, and let the loop not sleep, until reactor_end. Each call is to take a
 * millisecond or two at most. Fine on a task that is on, or off. */
void reactor_begin(struct reactor *reactor, struct task *task);
void reactor_end(struct task *task);

/* Run the callbacks of the descriptors that are ready now. */
void reactor_dispatch(struct reactor *reactor);
/* Give each task its turn. */
void reactor_run_tasks(struct reactor *reactor);
/* How long the loop may sleep, in ms: 0 when a timer is due or a task is on, at most a second. */
int reactor_sleep_ms(const struct reactor *reactor);

#endif
