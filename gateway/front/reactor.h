/* reactor.h - the front's own watches, timers and long work, driven from inside h2o's loop.
 *
 * One epoll set holds all descriptors that are ours and not h2o's: the link, signals, and the
 * hang-up watch of each pending request. h2o's loop watches that set and calls reactor_dispatch.
 * The reactor has its own timers, because an h2o_timeout_t cannot be disposed of in its own
 * callback.
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

/* Long work, which is done in parts, one part in each turn. To initialise: zero it, then set
 * on_turn and arg. It is then off. */
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

/* Call on_turn in each turn, and keep the loop awake, until reactor_end. Each call may take at most
 * a millisecond or two. reactor_begin is a no-op on a task that is on, reactor_end on one that is
 * off. */
void reactor_begin(struct reactor *reactor, struct task *task);
void reactor_end(struct task *task);

/* Run the callbacks of the descriptors that are ready now. */
void reactor_dispatch(struct reactor *reactor);
/* Give each task its turn. */
void reactor_run_tasks(struct reactor *reactor);
/* Returns for how many ms the loop may sleep: 0 when a timer is due or a task is on, at most 1000.
 */
int reactor_sleep_ms(const struct reactor *reactor);

#endif
