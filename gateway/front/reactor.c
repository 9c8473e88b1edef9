#include "front/reactor.h"

#include <unistd.h>

#define LONGEST_SLEEP_MS 1000

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLRDHUP == POLLRDHUP &&
                   EPOLLERR == POLLERR && EPOLLHUP == POLLHUP,
               "epoll's events are poll's");

static bool start_watch(struct watches *watches, struct watch *watch, short events)
{
    const struct reactor *reactor = (const struct reactor *)watches;
    struct epoll_event event = {.events = (unsigned short)events, .data.ptr = watch};
    if (watch->is_on && watch->events == events)
        return true;
    int operation = watch->is_on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(reactor->epoll_fd, operation, watch->fd, &event) != 0)
        return false;
    watch->is_on = true;
    watch->events = events;
    return true;
}

static void stop_watch(struct watches *watches, struct watch *watch)
{
    struct reactor *reactor = (struct reactor *)watches;
    if (!watch->is_on)
        return;
    epoll_ctl(reactor->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->is_on = false;
    /* The batch of events that is being handled may still contain this watch, whose owner may be
     * freed now. */
    for (int i = 0; i < reactor->batch_count; i++) {
        if (reactor->batch[i].data.ptr == watch)
            reactor->batch[i].data.ptr = NULL;
    }
}

bool reactor_init(struct reactor *reactor)
{
    *reactor = (struct reactor){.watches = {.start = start_watch, .stop = stop_watch},
                                .epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    return reactor->epoll_fd >= 0;
}

void reactor_release(struct reactor *reactor)
{
    if (reactor->epoll_fd >= 0)
        close(reactor->epoll_fd);
    reactor->epoll_fd = -1;
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
            watch->on_ready(watch->arg, (short)reactor->batch[i].events);
    }
    reactor->batch_count = 0;
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
    return reactor->tasks.count > 0 ? 0 : timers_wait_ms(&reactor->timers, LONGEST_SLEEP_MS);
}
