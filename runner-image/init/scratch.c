#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
#define NAMES_BYTES 4096

/* One open directory between the folder and the current one. */
struct level {
    DIR *dir;
    char name[NAME_MAX + 1]; /* in the level above */
};

struct sweep {
    struct level levels[SCRATCH_LEVELS_MAX];
    size_t depth; /* levels in use */
    size_t entries_count;
};

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ---- looking ---- */

/* Append the directory's status. Its size grows with each entry, so entries show. Reading them
 * would change the access time. */
static bool put_status(int fd, struct buf *out)
{
    struct statx s;
    unsigned wanted = STATX_BASIC_STATS;
    return statx(fd, "", AT_EMPTY_PATH, wanted, &s) == 0 &&
           buf_printf(out, "%o %u:%u %llu %u %llx %lld.%09u %lld.%09u", s.stx_mode, s.stx_uid,
                      s.stx_gid, (unsigned long long)s.stx_size, s.stx_nlink,
                      (unsigned long long)s.stx_attributes, (long long)s.stx_atime.tv_sec,
                      s.stx_atime.tv_nsec, (long long)s.stx_mtime.tv_sec, s.stx_mtime.tv_nsec);
}

/* Append the file system's free space. It also shows files that were deleted but are still open. */
static bool put_use(int fd, struct buf *out)
{
    struct statfs use;
    return fstatfs(fd, &use) == 0 && buf_printf(out, " %llu %llu", (unsigned long long)use.f_bfree,
                                                (unsigned long long)use.f_ffree);
}

static bool put_attributes(int fd, struct buf *out)
{
    char names[NAMES_BYTES];
    ssize_t len = flistxattr(fd, names, sizeof names);
    return len <= 0 || buf_append(out, names, (size_t)len);
}

bool scratch_look(const struct scratch *scratch, struct buf *out)
{
    int fd = scratch->fd;
    return fd < 0 || (put_status(fd, out) && put_use(fd, out) && put_attributes(fd, out));
}

/* ---- emptying ---- */

/* Open the directory fd, which is `name` in the level above. Takes fd. */
static bool enter(struct sweep *sweep, int fd, const char *name)
{
    DIR *dir = fd >= 0 && sweep->depth < SCRATCH_LEVELS_MAX ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    struct level *level = &sweep->levels[sweep->depth++];
    level->dir = dir;
    snprintf(level->name, sizeof level->name, "%s", name);
    return true;
}

/* Close the current directory, which is empty now, and remove it. */
static bool leave(struct sweep *sweep)
{
    const struct level *level = &sweep->levels[--sweep->depth];
    closedir(level->dir);
    return sweep->depth == 0 ||
           unlinkat(dirfd(sweep->levels[sweep->depth - 1].dir), level->name, AT_REMOVEDIR) == 0;
}

static bool remove_entry(struct sweep *sweep, int dir_fd, const char *name)
{
    if (is_dots(name))
        return true;
    if (sweep->entries_count++ >= SCRATCH_ENTRIES_MAX)
        return false;
    if (unlinkat(dir_fd, name, 0) == 0)
        return true;
    return enter(sweep, openat(dir_fd, name, DIRECTORY_FLAGS), name);
}

static bool sweep_step(struct sweep *sweep)
{
    DIR *dir = sweep->levels[sweep->depth - 1].dir;
    const struct dirent *entry = readdir(dir);
    return entry ? remove_entry(sweep, dirfd(dir), entry->d_name) : leave(sweep);
}

static bool remove_all(int fd)
{
    struct sweep sweep = {.depth = 0};
    bool removed = enter(&sweep, openat(fd, ".", DIRECTORY_FLAGS), "");
    while (removed && sweep.depth > 0)
        removed = sweep_step(&sweep);
    while (sweep.depth > 0)
        closedir(sweep.levels[--sweep.depth].dir);
    return removed;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* futimens works only for the owner. Times of a directory that belongs to somebody else change only
 * if the directory does. */
bool scratch_empty(const struct scratch *scratch)
{
    struct stat now;
    if (scratch->fd < 0)
        return true;
    if (fstat(scratch->fd, &now) != 0 ||
        (now.st_size != scratch->size_bytes && !remove_all(scratch->fd)))
        return false;
    if (now.st_size != scratch->size_bytes || !is_same_time(now.st_atim, scratch->accessed) ||
        !is_same_time(now.st_mtim, scratch->modified))
        futimens(scratch->fd, (const struct timespec[]){scratch->accessed, scratch->modified});
    return true;
}

void scratch_open(struct scratch *scratch, const char *path)
{
    struct stat now;
    *scratch = (struct scratch){.fd = open(path, DIRECTORY_FLAGS)};
    if (scratch->fd < 0 || fstat(scratch->fd, &now) != 0)
        return;
    scratch->size_bytes = now.st_size;
    scratch->accessed = now.st_atim;
    scratch->modified = now.st_mtim;
}
