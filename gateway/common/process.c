#include "common/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/number.h"
#include "common/version.h"

/* Read a small file of /proc; "" when it cannot be read. */
static void read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* Read the word number `place` (from 0) of the line as a number. Returns false when there is
 * none. */
static bool number_at(const char *line, unsigned place, uint64_t *number)
{
    while (place-- > 0) {
        line += strcspn(line, " \n");
        line += strspn(line, " ");
    }
    return number_parse_uint(line, strcspn(line, " \n"), number);
}

static void report_memory(const char *role, struct samples *samples)
{
    char line[256];
    uint64_t pages, page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    read_file("/proc/self/statm", line, sizeof line);
    if (number_at(line, 0, &pages))
        samples_put(samples, METRIC_PROCESS_VIRTUAL, LABELS(role), pages * page_bytes);
    if (number_at(line, 1, &pages))
        samples_put(samples, METRIC_PROCESS_RESIDENT, LABELS(role), pages * page_bytes);
}

static void report_descriptors(const char *role, struct samples *samples)
{
    struct rlimit limit;
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder) {
        while (readdir(folder))
            count++;
        closedir(folder);
        /* do not count ".", ".." and the descriptor of this directory itself */
        samples_put(samples, METRIC_PROCESS_OPEN_FDS, LABELS(role), count - 3);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        samples_put(samples, METRIC_PROCESS_MAX_FDS, LABELS(role), limit.rlim_cur);
}

static uint64_t ns_of(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The start time is computed once. The difference of the two clocks changes when somebody sets the
 * wall clock. */
static uint64_t start_ns(void)
{
    static uint64_t found;
    char line[1024];
    uint64_t ticks, tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    if (found)
        return found;
    read_file("/proc/self/stat", line, sizeof line);
    /* The second word, the program's name, may contain spaces, so search for its end. The start
     * time is the 20th word after it. */
    const char *rest = strrchr(line, ')');
    if (rest && number_at(rest, 20, &ticks))
        found = ns_of(CLOCK_REALTIME) - (ns_of(CLOCK_BOOTTIME) - ticks * tick_ns);
    return found;
}

void process_report(const char *role, struct samples *samples)
{
    samples_put(samples, METRIC_BUILD_INFO, LABELS(role, MAYFLY_VERSION), 1);
    samples_put(samples, METRIC_PROCESS_CPU, LABELS(role), ns_of(CLOCK_PROCESS_CPUTIME_ID));
    report_memory(role, samples);
    report_descriptors(role, samples);
    samples_put(samples, METRIC_PROCESS_START_TIME, LABELS(role), start_ns());
}
