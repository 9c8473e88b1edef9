#include "cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/number.h"

/* cpu.stat has about ten short lines, memory.events about twelve. */
#define TEXT_BYTES 1024
#define PATH_BYTES 128

static int open_first(const char *root, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[PATH_BYTES];
        int len = snprintf(path, sizeof path, "%s/%s", root, names[i]);
        int fd = len > 0 && (size_t)len < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd >= 0)
            return fd;
    }
    return -1;
}

void cgroup_open(struct cgroup *cgroup, const char *root)
{
    static const char *const cpu[] = {"cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.usage",
                                      "cpu.stat"};
    /* memory.peak exists only since Linux 5.19. On older kernels with version 2, memory.current is
     * the best substitute. */
    static const char *const peaks[] = {"memory/memory.max_usage_in_bytes", "memory.peak",
                                        "memory.current"};
    static const char *const events[] = {"memory/memory.oom_control", "memory.events"};
    static const char *const tasks[] = {"pids/pids.current", "pids.current"};
    static const char *const forks[] = {"pids/pids.events", "pids.events"};
    static const char *const memory[] = {"memory/memory.usage_in_bytes", "memory.current"};
    static const char *const pages[] = {"memory/memory.stat", "memory.stat"};
    static const char *const quota[] = {"cpu/cpu.stat", "cpu,cpuacct/cpu.stat", "cpu.stat"};
    cgroup->memory_fd = open_first(root, memory, sizeof memory / sizeof memory[0]);
    cgroup->pages_fd = open_first(root, pages, sizeof pages / sizeof pages[0]);
    cgroup->quota_fd = open_first(root, quota, sizeof quota / sizeof quota[0]);
    cgroup->cpu_fd = open_first(root, cpu, sizeof cpu / sizeof cpu[0]);
    cgroup->peak_fd = open_first(root, peaks, sizeof peaks / sizeof peaks[0]);
    cgroup->events_fd = open_first(root, events, sizeof events / sizeof events[0]);
    cgroup->tasks_fd = open_first(root, tasks, sizeof tasks / sizeof tasks[0]);
    cgroup->forks_fd = open_first(root, forks, sizeof forks / sizeof forks[0]);
}

/* Read the file from its start, NUL-terminated; "" when it cannot be read. */
static void read_text(int fd, char text[TEXT_BYTES])
{
    ssize_t len = fd < 0 ? -1 : pread(fd, text, TEXT_BYTES - 1, 0);
    text[len < 0 ? 0 : len] = '\0';
}

static bool leading_number(const char *text, uint64_t *number)
{
    return number_parse_uint(text, strspn(text, "0123456789"), number);
}

/* Find the line that begins with `key`, and read the number after it. `key` ends with a space. */
static bool keyed_number(const char *text, const char *key, uint64_t *number)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, strlen(key)) == 0)
            return leading_number(line + strlen(key), number);
    }
    return false;
}

static uint64_t only_number(int fd)
{
    char text[TEXT_BYTES];
    uint64_t number = 0;
    read_text(fd, text);
    leading_number(text, &number);
    return number;
}

static uint64_t number_of(int fd, const char *key)
{
    char text[TEXT_BYTES];
    uint64_t number = 0;
    read_text(fd, text);
    keyed_number(text, key, &number);
    return number;
}

bool cgroup_cpu_ns(const struct cgroup *cgroup, uint64_t *used_ns)
{
    char text[TEXT_BYTES];
    read_text(cgroup->cpu_fd, text);
    if (leading_number(text, used_ns))
        return true;
    if (!keyed_number(text, "usage_usec ", used_ns))
        return false;
    *used_ns *= 1000;
    return true;
}

uint64_t cgroup_peak_bytes(const struct cgroup *cgroup)
{
    return only_number(cgroup->peak_fd);
}

uint64_t cgroup_tasks(const struct cgroup *cgroup)
{
    return only_number(cgroup->tasks_fd);
}

uint64_t cgroup_oom_kills(const struct cgroup *cgroup)
{
    return number_of(cgroup->events_fd, "oom_kill ");
}

uint64_t cgroup_pids_refused(const struct cgroup *cgroup)
{
    return number_of(cgroup->forks_fd, "max ");
}

uint64_t cgroup_throttled(const struct cgroup *cgroup)
{
    return number_of(cgroup->quota_fd, "nr_throttled ");
}

uint64_t cgroup_used_bytes(const struct cgroup *cgroup)
{
    return only_number(cgroup->memory_fd);
}

/* "file" also counts pages of shared memory, which no image file owns: do not subtract those. */
uint64_t cgroup_own_bytes(const struct cgroup *cgroup)
{
    char text[TEXT_BYTES];
    uint64_t used = cgroup_used_bytes(cgroup), file = 0, shared = 0;
    read_text(cgroup->pages_fd, text);
    if (!keyed_number(text, "file ", &file))
        keyed_number(text, "cache ", &file);
    keyed_number(text, "shmem ", &shared);
    uint64_t images = file > shared ? file - shared : 0;
    return used > images ? used - images : 0;
}
