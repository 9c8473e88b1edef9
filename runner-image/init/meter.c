#include "meter.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/number.h"

#define LOOK_NS (100 * NS_PER_MS)
#define SOONEST_NS NS_PER_MS
/* The kernel enforces the CPU quota in periods of this length. A process can use a whole period's
 * quota at its beginning. */
#define QUOTA_PERIOD_NS (100 * NS_PER_MS)
/* Most bytes of /proc/locks to read. A line has about 50 bytes. */
#define LOCKS_READ_BYTES ((size_t)1 << 20)
#define READ_BYTES 4096

static int open_below(const char *proc, const char *name)
{
    char path[128];
    int len = snprintf(path, sizeof path, "%s/%s", proc, name);
    return len > 0 && (size_t)len < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

bool meter_open(struct meter *meter, const char *proc)
{
    *meter = (struct meter){
        .timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
        .locks_fd = open_below(proc, "locks"),
        .memory_fd = open_below(proc, "meminfo"),
    };
    return meter->timer_fd >= 0;
}

static uint64_t count_cpus(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (uint64_t)CPU_COUNT(&cpus) : CPU_SETSIZE;
}

static void arm(const struct meter *meter, uint64_t ns)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)}};
    timerfd_settime(meter->timer_fd, 0, &when, NULL);
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Returns the shortest time in which the box could use this much CPU time, given its CPUs and its
 * quota. */
static uint64_t shortest_wait_ns(const struct meter *meter, uint64_t cpu_ns)
{
    uint64_t by_quota_ns = cpu_ns / most(meter->cpu_millis, 1) * 1000;
    by_quota_ns = by_quota_ns > QUOTA_PERIOD_NS ? by_quota_ns - QUOTA_PERIOD_NS : 0;
    return most(most(cpu_ns / most(meter->cpus, 1), by_quota_ns), SOONEST_NS);
}

static void arm_next(const struct meter *meter, uint64_t used_ns)
{
    uint64_t wait_ns = LOOK_NS;
    if (meter->limit_ns) {
        uint64_t limit_wait_ns = shortest_wait_ns(meter, meter->limit_ns - used_ns);
        wait_ns = limit_wait_ns < wait_ns ? limit_wait_ns : wait_ns;
    }
    arm(meter, wait_ns);
}

/* Returns the kernel's unreclaimable memory (SUnreclaim); 0 if unknown. */
static uint64_t kernel_bytes(const struct meter *meter)
{
    static const char key[] = "SUnreclaim:";
    char text[READ_BYTES];
    uint64_t kilobytes = 0;
    ssize_t len = meter->memory_fd < 0 ? -1 : pread(meter->memory_fd, text, sizeof text - 1, 0);
    text[len < 0 ? 0 : len] = '\0';
    const char *line = strstr(text, key);
    if (line) {
        line += sizeof key - 1;
        line += strspn(line, " ");
        number_parse_uint(line, strspn(line, "0123456789"), &kilobytes);
    }
    return kilobytes << 10;
}

/* Returns true if the kernel's memory has grown by METER_GROWTH_BYTES, since the last time or since
 * its minimum. Returns true as well if it is unknown. */
static bool has_grown(struct meter *meter)
{
    uint64_t bytes = kernel_bytes(meter);
    bool grown = bytes == 0 || bytes >= meter->kernel_bytes + METER_GROWTH_BYTES;
    if (grown || bytes < meter->kernel_bytes)
        meter->kernel_bytes = bytes;
    return grown;
}

/* Count the lines in one piece of /proc/locks, except those with a minus sign. An owner "-1" marks
 * a lock of another kind (open file description), which boxes cannot take but every container sees.
 * "->" marks a process that waits. */
static size_t count_lines(const char *text, const char *end, bool *has_minus)
{
    size_t count = 0;
    for (; text < end; text++) {
        if (*text == '-')
            *has_minus = true;
        if (*text != '\n')
            continue;
        count += !*has_minus;
        *has_minus = false;
    }
    return count;
}

static bool holds_too_many_locks(const struct meter *meter)
{
    char text[READ_BYTES];
    size_t count = 0;
    bool has_minus = false;
    if (meter->locks_fd < 0 || lseek(meter->locks_fd, 0, SEEK_SET) != 0)
        return false;
    for (size_t read_bytes = 0; read_bytes < LOCKS_READ_BYTES;) {
        ssize_t len = read(meter->locks_fd, text, sizeof text);
        if (len <= 0)
            return false;
        read_bytes += (size_t)len;
        count += count_lines(text, text + len, &has_minus);
        if (count > METER_LOCKS_MAX)
            return true;
    }
    return false;
}

void meter_begin(struct meter *meter, const struct job *job)
{
    meter->cpus = count_cpus();
    meter->cpu_millis = job->limits.cpu_millis;
    meter->limit_ns = job->cpu_time_ms * NS_PER_MS;
    meter->kernel_bytes = kernel_bytes(meter);
    arm_next(meter, 0);
}

enum meter_verdict meter_look(struct meter *meter, uint64_t used_ns)
{
    uint64_t expired_count;
    if (read(meter->timer_fd, &expired_count, sizeof expired_count) < 0)
        return METER_FINE;
    if (meter->limit_ns && used_ns >= meter->limit_ns)
        return METER_CPU_TIME;
    arm_next(meter, used_ns);
    return has_grown(meter) && holds_too_many_locks(meter) ? METER_LOCKS : METER_FINE;
}
