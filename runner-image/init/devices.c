#include "devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_BYTES_MAX 4096
/* The device from which terminals are opened. Each use changes its times. */
#define TERMINALS "pts/ptmx"

static bool add_name(struct buf *names, const char *name)
{
    return buf_append(names, name, strlen(name) + 1);
}

/* Returns true for a directory that other proofs look at. */
static bool is_seen_elsewhere(const char *name)
{
    return strcmp(name, "shm") == 0 || strcmp(name, "mqueue") == 0;
}

/* Read the names only once and before the first look, because reading a directory changes its
 * access time. */
static bool read_names(int fd, struct buf *names)
{
    const struct dirent *entry;
    int copy_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy_fd < 0 ? NULL : fdopendir(copy_fd);
    bool whole = dir != NULL;
    while (whole && (entry = readdir(dir)))
        whole = strcmp(entry->d_name, "..") == 0 || is_seen_elsewhere(entry->d_name) ||
                add_name(names, entry->d_name);
    if (dir)
        closedir(dir);
    return whole && (faccessat(fd, TERMINALS, F_OK, 0) != 0 || add_name(names, TERMINALS));
}

void devices_open(struct devices *devices, const char *path)
{
    devices->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    buf_init(&devices->names, NAMES_BYTES_MAX);
    if (devices->fd < 0 || read_names(devices->fd, &devices->names))
        return;
    close(devices->fd);
    devices->fd = -1;
}

static bool put_times(int fd, const char *name, struct buf *out)
{
    struct stat now;
    if (fstatat(fd, name, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    const struct timespec times[] = {now.st_atim, now.st_mtim, now.st_ctim};
    return buf_append(out, times, sizeof times);
}

bool devices_look(const struct devices *devices, struct buf *out)
{
    struct bytes names = buf_bytes(&devices->names);
    if (devices->fd < 0)
        return false;
    for (size_t at = 0; at < names.len; at += strlen((const char *)names.data + at) + 1) {
        if (!put_times(devices->fd, (const char *)names.data + at, out))
            return false;
    }
    return true;
}
