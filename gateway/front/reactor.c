#include "front/reactor.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "common/clock.h"

#define LONGEST_SLEEP_MS 1000

bool reactor_init(struct reactor *reactor)
{
    *reactor = (struct reactor){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    reactor->timers.prev = reactor->timers.next = &reactor->timers;
    return reactor->epoll_fd >= 0;
}

void reactor_release(struct reactor *reactor)
{
    if (reactor->epoll_fd >= 0)
        close(reactor->epoll_fd);
    reactor->epoll_fd = -1;
}

bool reactor_watch(struct reactor *reactor, struct watch *watch, uint32_t epoll_events)
{
    struct epoll_event event = {.events = epoll_events, .data.ptr = watch};
    int operation = watch->on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(reactor->epoll_fd, operation, watch->fd, &event) != 0)
        return false;
    watch->on = true;
    return true;
}

void reactor_unwatch(struct reactor *reactor, struct watch *watch)
{
    if (!watch->on)
        return;
    epoll_ctl(reactor->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->on = false;
    /* The batch that is being dispatched may still name it, and its owner may be freed now. */
    for (int i = 0; i < reactor->batch_count; i++) {
        if (reactor->batch[i].data.ptr == watch)
            reactor->batch[i].data.ptr = NULL;
    }
}

void reactor_dispatch(struct reactor *reactor)
{
    int count = epoll_wait(reactor->epoll_fd, reactor->batch, REACTOR_BATCH, 0);
    if (count <= 0)
        return;
    reactor->batch_count = count;
    for (int i = 0; i < count; i++) {
        struct watch *watch = reactor->batch[i].data.ptr;
        if (watch)
            watch->on_ready(watch->arg, reactor->batch[i].events);
    }
    reactor->batch_count = 0;
}

void reactor_disarm(struct timer *timer)
{
    if (!timer->next)
        return;
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    timer->prev = timer->next = NULL;
}

/* The search starts at the latest: most timers of one kind have the same length, so a new one goes
 * last. */
void reactor_arm(struct reactor *reactor, struct timer *timer, uint64_t due_ms)
{
    reactor_disarm(timer);
    struct timer *before = reactor->timers.prev;
    while (before != &reactor->timers && before->due_ms > due_ms)
        before = before->prev;
    timer->due_ms = due_ms;
    timer->prev = before;
    timer->next = before->next;
    before->next->prev = timer;
    before->next = timer;
}

void reactor_run_timers(struct reactor *reactor)
{
    uint64_t now_ms = clock_now_ms();
    for (struct timer *first = reactor->timers.next;
         first != &reactor->timers && first->due_ms <= now_ms; first = reactor->timers.next) {
        reactor_disarm(first);
        first->on_due(first->arg);
    }
}

void reactor_begin(struct reactor *reactor, struct task *task)
{
    if (task->node.list)
        return;
    node_init(&task->node, task);
    node_append(&task->node, &reactor->tasks);
}

void reactor_end(struct task *task)
{
    node_remove(&task->node);
}

void reactor_run_tasks(struct reactor *reactor)
{
    for (size_t count = reactor->tasks.count; count > 0; count--) {
        struct task *task = list_first(&reactor->tasks);
        if (!task)
            return;
        node_append(&task->node, &reactor->tasks);
        task->on_turn(task->arg);
    }
}

int reactor_sleep_ms(const struct reactor *reactor)
{
    const struct timer *first = reactor->timers.next;
    if (reactor->tasks.count > 0)
        return 0;
    if (first == &reactor->timers)
        return LONGEST_SLEEP_MS;
    int until_ms = clock_until_ms(first->due_ms, clock_now_ms());
    return until_ms < LONGEST_SLEEP_MS ? until_ms : LONGEST_SLEEP_MS;
}
