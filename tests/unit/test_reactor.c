#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "front/reactor.h"

static struct reactor reactor;
static char trace[64]; /* the names of what was called, in order */
static char A[] = "a", B[] = "b", C[] = "c", D[] = "d";

static uint64_t world_ms = 1000;

uint64_t clock_now_ms(void)
{
    return world_ms;
}

int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms)
{
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

/* Let all timers of these tests fire. */
static void fire(void)
{
    world_ms += 100;
    timers_fire(&reactor.timers);
}

static int set_up(void **state)
{
    (void)state;
    trace[0] = '\0';
    return reactor_init(&reactor) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    reactor_release(&reactor);
    return 0;
}

static void note(void *arg)
{
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "%s", (const char *)arg);
}

static void timers_run_in_the_order_of_their_time(void **state)
{
    (void)state;
    struct timer a = {.on_due = note, .arg = A}, b = {.on_due = note, .arg = B},
                 c = {.on_due = note, .arg = C}, d = {.on_due = note, .arg = D};
    timer_start(&reactor.timers, &a, 30);
    timer_start(&reactor.timers, &b, 10);
    timer_start(&reactor.timers, &c, 20);
    timer_start(&reactor.timers, &d, 20);
    assert_int_equal(reactor_sleep_ms(&reactor), 10);
    fire();
    assert_string_equal(trace, "bcda");
    assert_int_equal(reactor_sleep_ms(&reactor), 1000);
    fire();
    assert_string_equal(trace, "bcda");
}

static void a_timer_that_is_moved_or_stopped_runs_as_told_last(void **state)
{
    (void)state;
    struct timer a = {.on_due = note, .arg = A}, b = {.on_due = note, .arg = B},
                 c = {.on_due = note, .arg = C};
    timer_start(&reactor.timers, &a, 10);
    timer_start(&reactor.timers, &b, 20);
    timer_start(&reactor.timers, &c, 30);
    timer_start(&reactor.timers, &a, 40);
    timer_stop(&reactor.timers, &b);
    timer_stop(&reactor.timers, &b);
    fire();
    assert_string_equal(trace, "ca");
}

static void the_loop_sleeps_until_the_next_timer(void **state)
{
    (void)state;
    struct timer soon = {.on_due = note, .arg = A};
    assert_int_equal(reactor_sleep_ms(&reactor), 1000);
    timer_start(&reactor.timers, &soon, 300);
    assert_int_equal(reactor_sleep_ms(&reactor), 300);
    timer_start(&reactor.timers, &soon, 3600000);
    assert_int_equal(reactor_sleep_ms(&reactor), 1000);
    assert_string_equal(trace, "");
    timer_stop(&reactor.timers, &soon);
}

static struct timer *victim;

static void stop_victim(void *arg)
{
    note(arg);
    timer_stop(&reactor.timers, victim);
}

static void a_timer_may_stop_the_next(void **state)
{
    (void)state;
    struct timer a = {.on_due = stop_victim, .arg = A}, b = {.on_due = note, .arg = B};
    victim = &b;
    timer_start(&reactor.timers, &a, 1);
    timer_start(&reactor.timers, &b, 2);
    fire();
    assert_string_equal(trace, "a");
}

struct pipe_watch {
    struct watch watch;
    int writer;
    struct pipe_watch *kills;
};

static void pipe_free(struct pipe_watch *pipe_watch)
{
    watch_stop(&reactor.watches, &pipe_watch->watch);
    close(pipe_watch->watch.fd);
    close(pipe_watch->writer);
    free(pipe_watch);
}

static void on_readable(void *arg, short events)
{
    struct pipe_watch *self = arg;
    (void)events;
    note(A);
    if (self->kills)
        pipe_free(self->kills);
}

/* Returns a watch on a pipe that is readable at once. */
static struct pipe_watch *pipe_new(void)
{
    int ends[2];
    struct pipe_watch *made = calloc(1, sizeof *made);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    made->watch = (struct watch){.fd = ends[0], .on_ready = on_readable, .arg = made};
    made->writer = ends[1];
    assert_true(watch_start(&reactor.watches, &made->watch, POLLIN));
    return made;
}

/* Both watches are ready at once, and each would free the other: only one may be called. */
static void a_watch_freed_within_its_batch_is_not_called(void **state)
{
    (void)state;
    struct pipe_watch *a = pipe_new(), *b = pipe_new();
    a->kills = b;
    b->kills = a;
    reactor_dispatch(&reactor);
    assert_string_equal(trace, "a");
    /* Only the watch that was called is left. */
    struct epoll_event event;
    assert_int_equal(epoll_wait(reactor.epoll_fd, &event, 1, 0), 1);
    pipe_free(event.data.ptr == &a->watch ? a : b);
}

static void a_watch_that_is_off_is_silent(void **state)
{
    (void)state;
    struct pipe_watch *a = pipe_new();
    watch_stop(&reactor.watches, &a->watch);
    watch_stop(&reactor.watches, &a->watch);
    reactor_dispatch(&reactor);
    assert_string_equal(trace, "");
    assert_true(watch_start(&reactor.watches, &a->watch, POLLIN));
    reactor_dispatch(&reactor);
    assert_string_equal(trace, "a");
    assert_true(watch_start(&reactor.watches, &a->watch, POLLRDHUP));
    reactor_dispatch(&reactor);
    assert_string_equal(trace, "a");
    pipe_free(a);
}

static void begin_b(void *arg)
{
    note(A);
    reactor_begin(&reactor, arg);
}

static void tasks_have_one_turn_each(void **state)
{
    (void)state;
    struct task a = {.on_turn = note, .arg = A}, b = {.on_turn = note, .arg = B};
    struct task c = {.on_turn = begin_b, .arg = &b};
    assert_true(reactor_sleep_ms(&reactor) > 0);
    reactor_begin(&reactor, &a);
    reactor_begin(&reactor, &a);
    assert_int_equal(reactor_sleep_ms(&reactor), 0);
    reactor_run_tasks(&reactor);
    assert_string_equal(trace, "a");
    reactor_end(&a);
    reactor_begin(&reactor, &c);
    reactor_run_tasks(&reactor);
    /* a task that is begun in a turn is first called in the next */
    assert_string_equal(trace, "aa");
    reactor_run_tasks(&reactor);
    assert_string_equal(trace, "aaab");
    reactor_end(&c);
    reactor_end(&b);
    reactor_end(&b);
    reactor_run_tasks(&reactor);
    assert_string_equal(trace, "aaab");
    assert_true(reactor_sleep_ms(&reactor) > 0);
}

static void end_task(void *arg)
{
    note(A);
    reactor_end(arg);
}

static void a_task_may_end_itself_and_others(void **state)
{
    (void)state;
    struct task b = {.on_turn = note, .arg = B}, a = {.on_turn = end_task, .arg = &b}, own;
    own = (struct task){.on_turn = end_task, .arg = &own};
    reactor_begin(&reactor, &a);
    reactor_begin(&reactor, &b);
    reactor_run_tasks(&reactor);
    assert_string_equal(trace, "aa"); /* b's turn is a's then */
    reactor_end(&a);
    trace[0] = '\0';
    reactor_begin(&reactor, &own);
    reactor_run_tasks(&reactor);
    reactor_run_tasks(&reactor);
    assert_string_equal(trace, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_run_in_the_order_of_their_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timer_that_is_moved_or_stopped_runs_as_told_last, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_loop_sleeps_until_the_next_timer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timer_may_stop_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_watch_freed_within_its_batch_is_not_called, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_watch_that_is_off_is_silent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tasks_have_one_turn_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_task_may_end_itself_and_others, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("reactor", tests, NULL, NULL);
}
