#include "cgroup.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/number.h"

/* memory.events is a dozen short lines; memory.oom_control three. */
#define TEXT_BYTES 1024

static int open_first(const char *const paths[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

void cgroup_open(struct cgroup *cgroup)
{
    /* memory.peak is younger (Linux 5.19) than version 2 itself: memory.current is the next best
     * witness. */
    static const char *const peaks[] = {
        "/sys/fs/cgroup/memory/memory.max_usage_in_bytes",
        "/sys/fs/cgroup/memory.peak",
        "/sys/fs/cgroup/memory.current",
    };
    static const char *const events[] = {
        "/sys/fs/cgroup/memory/memory.oom_control",
        "/sys/fs/cgroup/memory.events",
    };
    static const char *const tasks[] = {
        "/sys/fs/cgroup/pids/pids.current",
        "/sys/fs/cgroup/pids.current",
    };
    cgroup->peak_fd = open_first(peaks, sizeof peaks / sizeof peaks[0]);
    cgroup->events_fd = open_first(events, sizeof events / sizeof events[0]);
    cgroup->tasks_fd = open_first(tasks, sizeof tasks / sizeof tasks[0]);
}

/* The file's text from its start, NUL-terminated; "" when it cannot be read. */
static void read_text(int fd, char text[TEXT_BYTES])
{
    ssize_t len = fd < 0 ? -1 : pread(fd, text, TEXT_BYTES - 1, 0);
    text[len < 0 ? 0 : len] = '\0';
}

static uint64_t leading_number(const char *text)
{
    uint64_t number = 0;
    number_parse_uint(text, strspn(text, "0123456789"), &number);
    return number;
}

static uint64_t only_number(int fd)
{
    char text[TEXT_BYTES];
    read_text(fd, text);
    return leading_number(text);
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
    static const char key[] = "oom_kill ";
    char text[TEXT_BYTES];
    read_text(cgroup->events_fd, text);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, sizeof key - 1) == 0)
            return leading_number(line + sizeof key - 1);
    }
    return 0;
}
