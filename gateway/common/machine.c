#include "common/machine.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "common/number.h"

/* Enough for a container's list of its control groups, and for the first lines of /proc/meminfo. */
#define TEXT_BYTES 4096
#define PATH_BYTES 1024
#define DIGITS "0123456789"

/* Read the beginning of a file, NUL-terminated; "" when it cannot be read. */
static void read_text(const char *path, char text[TEXT_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, TEXT_BYTES - 1);
    text[len < 0 ? 0 : len] = '\0';
    if (fd >= 0)
        close(fd);
}

static uint64_t leading_number(const char *text)
{
    uint64_t number = 0;
    number_parse_uint(text, strspn(text, DIGITS), &number);
    return number;
}

/* In a container, /proc may show less memory than the machine has. In a systemd service,
 * /proc/meminfo may be missing. */
static uint64_t whole_memory_bytes(const char *root)
{
    static const char key[] = "MemTotal:";
    char path[PATH_BYTES], text[TEXT_BYTES];
    struct sysinfo info;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    read_text(path, text);
    const char *line = strstr(text, key);
    if (line) {
        line += strlen(key);
        return leading_number(line + strspn(line, " ")) << 10;
    }
    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}

/* The location of the files with memory limits: in the hierarchy of cgroup version 1 if it controls
 * memory, else in that of version 2. */
struct hierarchy {
    char group[PATH_BYTES]; /* the gateway's own group, without a slash at the end */
    const char *folder, *file;
};

static bool find_hierarchy(const char *root, struct hierarchy *found)
{
    static const char v1[] = ":memory:", v2[] = "0::";
    char path[PATH_BYTES], text[TEXT_BYTES];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    read_text(path, text);
    const char *group = strstr(text, v1);
    *found = (struct hierarchy){.folder = group ? "/memory" : "",
                                .file = group ? "memory.limit_in_bytes" : "memory.max"};
    size_t skipped = strlen(group ? v1 : v2);
    group = group ? group : strstr(text, v2);
    size_t len = group ? strcspn(group += skipped, "\n") : 0;
    if (len == 0 || len >= sizeof found->group)
        return false;
    memcpy(found->group, group, len);
    return true;
}

/* Remove the last name from the path. Returns false at the top. */
static bool go_up(char *group)
{
    char *slash = strrchr(group, '/');
    if (!slash || slash[1] == '\0')
        return false;
    *slash = '\0';
    return true;
}

uint64_t machine_memory_bytes(const char *root)
{
    uint64_t least = whole_memory_bytes(root);
    struct hierarchy hierarchy;
    bool is_below = find_hierarchy(root, &hierarchy) && !strstr(hierarchy.group, "/..");
    while (is_below && go_up(hierarchy.group)) {
        char path[3 * PATH_BYTES], text[TEXT_BYTES];
        snprintf(path, sizeof path, "%s/sys/fs/cgroup%s%s/%s", root, hierarchy.folder,
                 hierarchy.group, hierarchy.file);
        read_text(path, text);
        uint64_t limit = leading_number(text); /* 0 if the text is "max" */
        if (limit > 0 && limit < least)
            least = limit;
    }
    return least;
}
