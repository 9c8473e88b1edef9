/* reactor.h - the front's own watches, timers and tasks, driven from within h2o's loop.
 *
 * One epoll set contains all descriptors that are not h2o's: the link, signals, and a watch for the
 * client of each pending request. h2o's loop watches this set and calls reactor_dispatch. The
 * reactor has its own timers, because an h2o_timeout_t cannot be freed in its own callback.
 *
 * Callbacks follow the four laws in common/loop.h, and may free anything: the front has no safe
 * point. Knows neither HTTP nor h2o.
 */
#ifndef MAYFLY_REACTOR_H
#define MAYFLY_REACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "common/list.h"
#include "common/loop.h"

#define REACTOR_BATCH 64

/* Long work that is done in parts, one in each turn. To initialise: zero it, then set on_turn and
 * arg. It is off at first. */
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

bool reactor_init(struct reactor *reactor); /* returns false with errno set on failure */
void reactor_release(struct reactor *reactor);

/* Call the task's on_turn in each turn, until reactor_end. The loop does not sleep meanwhile. Each
 * call may take a millisecond or two. Both are idempotent. */
void reactor_begin(struct reactor *reactor, struct task *task);
void reactor_end(struct task *task);

/* Call the callbacks of all descriptors that are ready. */
void reactor_dispatch(struct reactor *reactor);
/* Call each task once. */
void reactor_run_tasks(struct reactor *reactor);
/* Returns for how many ms the loop may sleep: at most 1000, and 0 if a timer is due or a task is
 * on.
 */
int reactor_sleep_ms(const struct reactor *reactor);

#endif
