#include "common/timer.h"

#include "common/clock.h"

/* Order by deadline; at equal deadlines, the timer that was started first comes first. */
static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->deadline_ms != b->deadline_ms ? a->deadline_ms < b->deadline_ms
                                            : a->number < b->number;
}

/* Merge two heaps, either of which may be NULL. Returns the root. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    if (!a || !b)
        return a ? a : b;
    struct timer *first = is_before(b, a) ? b : a, *child = first == a ? b : a;
    child->previous = first;
    child->next = first->child;
    if (child->next)
        child->next->previous = child;
    first->child = child;
    return first;
}

/* Remove the first heap from a list of siblings. Returns NULL when the list is empty. */
static struct timer *take(struct timer **list)
{
    struct timer *heap = *list;
    if (!heap)
        return NULL;
    *list = heap->next;
    heap->next = heap->previous = NULL;
    return heap;
}

/* Merge a list of siblings into one heap: first pairwise, then the pairs. This keeps the heap
 * flat. */
static struct timer *meld_all(struct timer *list)
{
    struct timer *pairs = NULL, *all = NULL;
    while (list) {
        struct timer *a = take(&list);
        struct timer *pair = meld(a, take(&list));
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs)
        all = meld(all, take(&pairs));
    return all;
}

void timer_start(struct timers *timers, struct timer *timer, uint64_t after_ms)
{
    timer_stop(timers, timer);
    timer->deadline_ms = clock_now_ms() + after_ms;
    timer->number = ++timers->started_count;
    timers->first = meld(timers->first, timer);
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    if (!timer_runs(timer))
        return;
    struct timer *rest = meld_all(timer->child), *previous = timer->previous;
    if (!previous) {
        timers->first = rest;
    } else {
        *(previous->child == timer ? &previous->child : &previous->next) = timer->next;
        if (timer->next)
            timer->next->previous = previous;
        timers->first = meld(timers->first, rest);
    }
    timer->number = 0;
    timer->child = timer->next = timer->previous = NULL;
}

bool timer_runs(const struct timer *timer)
{
    return timer->number != 0;
}

void timers_fire(struct timers *timers)
{
    uint64_t now_ms = clock_now_ms(), last = timers->started_count;
    struct timer *first;
    while ((first = timers->first) && first->deadline_ms <= now_ms && first->number <= last) {
        timer_stop(timers, first);
        first->on_due(first->arg);
    }
}

int timers_wait_ms(const struct timers *timers, int most_ms)
{
    if (!timers->first)
        return most_ms;
    int wait_ms = clock_until_ms(timers->first->deadline_ms, clock_now_ms());
    return wait_ms < most_ms ? wait_ms : most_ms;
}
