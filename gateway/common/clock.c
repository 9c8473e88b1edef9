#include "common/clock.h"

#include <limits.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_now_ms(void)
{
    return clock_now_ns() / NS_PER_MS;
}

uint64_t clock_wall_ms(void)
{
    return read_ns(CLOCK_REALTIME) / NS_PER_MS;
}

uint64_t clock_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms)
{
    if (deadline_ms <= now_ms)
        return 0;
    uint64_t left = deadline_ms - now_ms;
    return left > INT_MAX ? INT_MAX : (int)left;
}
