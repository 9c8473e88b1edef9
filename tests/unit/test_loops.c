/* Watches and timers, with the same tests for both event loops, the front's and the broker's. */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "broker/loop/loop.h"
#include "front/reactor.h"

static struct reactor reactor;
static struct loop *loop;
static struct watches *watches;
static struct timers *timers;
static bool is_brokers;
static char trace[64]; /* what was called, in order */

static void note(void *arg)
{
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "%s", (const char *)arg);
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

/* One turn of the loop, without waiting. */
static void turn(void)
{
    struct timer end = {.on_due = stop};
    trace[0] = '\0';
    if (is_brokers) {
        timer_start(timers, &end, 0);
        loop_run(loop);
    } else {
        reactor_dispatch(&reactor);
        timers_fire(timers);
    }
}

/* A pipe whose read end is watched. */
struct pipe_watch {
    struct watch watch;
    int writer;
    char name[2];
    struct pipe_watch *other; /* stopped when this one is called */
};

static void on_ready(void *arg, short events)
{
    struct pipe_watch *self = arg;
    assert_true(events & (POLLIN | POLLHUP));
    note(self->name);
    if (self->other)
        watch_stop(watches, &self->other->watch);
}

static void open_pipe(struct pipe_watch *made, char name)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *made = (struct pipe_watch){.watch = {.fd = ends[0], .on_ready = on_ready, .arg = made},
                                .writer = ends[1],
                                .name = {name}};
}

static void close_pipe(struct pipe_watch *made)
{
    watch_stop(watches, &made->watch);
    close(made->watch.fd);
    if (made->writer >= 0)
        close(made->writer);
}

static void a_watch_is_called_while_it_is_on_and_not_paused(void **state)
{
    (void)state;
    struct pipe_watch a;
    open_pipe(&a, 'a');
    watch_stop(watches, &a.watch); /* it is off */
    assert_true(watch_start(watches, &a.watch, POLLIN));
    turn();
    assert_string_equal(trace, "");
    assert_int_equal(write(a.writer, "x", 1), 1);
    turn();
    assert_string_equal(trace, "a");
    assert_true(watch_start(watches, &a.watch, 0));
    turn();
    assert_string_equal(trace, "");
    assert_true(watch_start(watches, &a.watch, POLLIN));
    turn();
    assert_string_equal(trace, "a");
    watch_stop(watches, &a.watch);
    turn();
    assert_string_equal(trace, "");
    close_pipe(&a);
}

static void a_watch_hears_of_the_end(void **state)
{
    (void)state;
    struct pipe_watch a;
    open_pipe(&a, 'a');
    assert_true(watch_start(watches, &a.watch, POLLIN));
    close(a.writer);
    a.writer = -1;
    turn();
    assert_string_equal(trace, "a");
    close_pipe(&a);
}

static void a_watch_that_another_stops_in_the_same_turn_is_silent(void **state)
{
    (void)state;
    struct pipe_watch a, b;
    open_pipe(&a, 'a');
    open_pipe(&b, 'b');
    a.other = &b;
    b.other = &a;
    assert_true(watch_start(watches, &a.watch, POLLIN) && watch_start(watches, &b.watch, POLLIN));
    assert_int_equal(write(a.writer, "x", 1) + write(b.writer, "x", 1), 2);
    turn();
    assert_int_equal(strlen(trace), 1);
    turn();
    assert_int_equal(strlen(trace), 1);
    close_pipe(&a);
    close_pipe(&b);
}

static void a_watch_may_stop_itself(void **state)
{
    (void)state;
    struct pipe_watch a;
    open_pipe(&a, 'a');
    a.other = &a;
    assert_true(watch_start(watches, &a.watch, POLLIN));
    assert_int_equal(write(a.writer, "x", 1), 1);
    turn();
    assert_string_equal(trace, "a");
    turn();
    assert_string_equal(trace, "");
    close_pipe(&a);
}

static void a_timer_fires_after_the_watches_and_once(void **state)
{
    (void)state;
    char name[] = "t";
    struct timer timer = {.on_due = note, .arg = name};
    struct pipe_watch a;
    open_pipe(&a, 'a');
    assert_true(watch_start(watches, &a.watch, POLLIN));
    assert_int_equal(write(a.writer, "x", 1), 1);
    timer_start(timers, &timer, 0);
    assert_true(timer_runs(&timer));
    turn();
    assert_string_equal(trace, "at");
    assert_false(timer_runs(&timer));
    turn();
    assert_string_equal(trace, "a");
    close_pipe(&a);
}

static int begin_fronts(void **state)
{
    (void)state;
    is_brokers = false;
    watches = &reactor.watches;
    timers = &reactor.timers;
    return reactor_init(&reactor) ? 0 : -1;
}

static int end_fronts(void **state)
{
    (void)state;
    reactor_release(&reactor);
    return 0;
}

static int begin_brokers(void **state)
{
    (void)state;
    is_brokers = true;
    loop = loop_new(NULL);
    watches = loop_watches(loop);
    timers = loop_timers(loop);
    return 0;
}

static int end_brokers(void **state)
{
    (void)state;
    loop_free(loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_is_called_while_it_is_on_and_not_paused),
        cmocka_unit_test(a_watch_hears_of_the_end),
        cmocka_unit_test(a_watch_that_another_stops_in_the_same_turn_is_silent),
        cmocka_unit_test(a_watch_may_stop_itself),
        cmocka_unit_test(a_timer_fires_after_the_watches_and_once),
    };
    return cmocka_run_group_tests_name("front", tests, begin_fronts, end_fronts) +
           cmocka_run_group_tests_name("broker", tests, begin_brokers, end_brokers);
}
