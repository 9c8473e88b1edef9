#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "init/meter.h"

#define LINE "1: POSIX  ADVISORY  WRITE 7 00:2a:12345 0 0\n"
#define FOREIGN "2: OFDLCK ADVISORY  READ -1 00:06:3 0 EOF\n"
#define WAITING "3: -> POSIX  ADVISORY  WRITE 8 00:2a:12345 0 0\n"

static char root[] = "/tmp/test_meter.XXXXXX";

static int create(const char *name)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static void put_memory(unsigned long kilobytes)
{
    int fd = create("meminfo");
    dprintf(fd, "MemTotal:       24689764 kB\nSReclaimable:  9 kB\nSUnreclaim:    %lu kB\n",
            kilobytes);
    close(fd);
}

static void put_locks(size_t count, const char *line)
{
    int fd = create("locks");
    FILE *file = fdopen(fd, "w");
    for (size_t i = 0; i < count; i++) {
        fputs(FOREIGN, file);
        fputs(line, file);
    }
    fclose(file);
}

static void wait_for(const struct meter *meter)
{
    struct pollfd timer = {.fd = meter->timer_fd, .events = POLLIN};
    assert_int_equal(poll(&timer, 1, 10000), 1);
}

static struct meter begin(uint32_t cpu_time_ms)
{
    struct meter meter;
    const struct job job = {.cpu_time_ms = cpu_time_ms, .limits.cpu_millis = 1000};
    assert_true(meter_open(&meter, root));
    meter_begin(&meter, &job);
    return meter;
}

static enum meter_verdict look(struct meter *meter, uint64_t used_ns)
{
    wait_for(meter);
    return meter_look(meter, used_ns);
}

static void cpu_time_is_limited(void **state)
{
    (void)state;
    put_memory(1000);
    put_locks(0, LINE);
    struct meter meter = begin(50);
    assert_int_equal(look(&meter, 0), METER_FINE);
    assert_int_equal(look(&meter, 49 * NS_PER_MS), METER_FINE);
    assert_int_equal(look(&meter, 50 * NS_PER_MS), METER_CPU_TIME);
}

static void the_next_look_is_no_later_than_the_limit_can_be_reached(void **state)
{
    (void)state;
    struct meter meter = begin(50);
    meter.cpus = 1;
    assert_int_equal(look(&meter, 0), METER_FINE);
    uint64_t before_ns = clock_now_ns();
    assert_int_equal(look(&meter, 40 * NS_PER_MS), METER_FINE);
    wait_for(&meter);
    assert_true(clock_now_ns() - before_ns >= 10 * NS_PER_MS);
}

static void without_a_limit_no_cpu_time_is_too_much(void **state)
{
    (void)state;
    struct meter meter = begin(0);
    assert_int_equal(look(&meter, UINT64_MAX), METER_FINE);
}

static void a_look_before_its_time_is_none(void **state)
{
    (void)state;
    struct meter meter = begin(1000);
    assert_int_equal(meter_look(&meter, UINT64_MAX), METER_FINE);
}

static void locks_are_counted_when_the_kernel_has_grown(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        const char *line;
        unsigned long kilobytes;
        enum meter_verdict verdict;
    } looks[] = {
        {METER_LOCKS_MAX + 1, LINE, 1000, METER_FINE}, /* not looked at */
        {METER_LOCKS_MAX, LINE, 3000, METER_FINE},
        {METER_LOCKS_MAX + 1, LINE, 3500, METER_FINE}, /* not since the last look */
        {METER_LOCKS_MAX + 1, WAITING, 5000, METER_FINE},
        {METER_LOCKS_MAX + 1, LINE, 500, METER_FINE}, /* shrunk: growth counts from there */
        {METER_LOCKS_MAX + 1, LINE, 1600, METER_LOCKS},
    };
    for (size_t i = 0; i < COUNT(looks); i++) {
        put_memory(1000);
        put_locks(0, LINE);
        struct meter meter = begin(0);
        for (size_t n = 0; n <= i; n++) {
            put_memory(looks[n].kilobytes);
            put_locks(looks[n].count, looks[n].line);
            enum meter_verdict verdict = look(&meter, 0);
            check(verdict == looks[n].verdict, "look %zu: %d", n, (int)verdict);
        }
    }
}

static void without_the_kernels_memory_every_look_counts(void **state)
{
    (void)state;
    close(create("meminfo"));
    put_locks(METER_LOCKS_MAX + 1, LINE);
    struct meter meter = begin(0);
    assert_int_equal(look(&meter, 0), METER_LOCKS);
}

static void without_proc_nothing_is_limited(void **state)
{
    (void)state;
    struct meter meter;
    assert_true(meter_open(&meter, "/nowhere"));
    meter_begin(&meter, &(struct job){.limits.cpu_millis = 1000});
    assert_int_equal(look(&meter, 0), METER_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_time_is_limited),
        cmocka_unit_test(the_next_look_is_no_later_than_the_limit_can_be_reached),
        cmocka_unit_test(without_a_limit_no_cpu_time_is_too_much),
        cmocka_unit_test(a_look_before_its_time_is_none),
        cmocka_unit_test(locks_are_counted_when_the_kernel_has_grown),
        cmocka_unit_test(without_the_kernels_memory_every_look_counts),
        cmocka_unit_test(without_proc_nothing_is_limited),
    };
    return mkdtemp(root) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
