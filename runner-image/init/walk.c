/* walk.c - a depth-first walk without recursion. A stack holds the open directories from the top to
 * the current one. `path` is the current path. */
#include "walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/glob.h"
#include "common/utf8.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

struct level {
    DIR *dir;
    size_t path_len; /* length of the directory's path with the slash after it; 0: the top */
};

struct walker {
    struct walk *found;
    struct bytes globs;
    dev_t device;
    uint64_t deadline_ns;
    size_t entries_count;
    struct level levels[PATH_SEGMENTS_MAX];
    size_t depth; /* levels in use */
    char path[PATH_BYTES_MAX + 1 + NAME_MAX + 1 + 1];
};

/* ---- matching globs ---- */

static bool any_glob(struct bytes globs, bool (*says)(struct bytes glob, struct bytes path),
                     struct bytes path)
{
    struct bytes glob;
    while (job_next(&globs, WIRE_TAG_OUTPUT_GLOB, &glob)) {
        if (says(glob, path))
            return true;
    }
    return false;
}

/* ---- found files ---- */

/* Returns where `path` belongs in the sorted list of found paths. */
static size_t place_of(const struct walk *walk, const char *path)
{
    size_t low = 0, high = walk->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(walk->paths[middle], path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Insert the path into the sorted list. If the list is full, its last path is dropped, which may be
 * this one. So the result does not depend on the order of the directory entries. */
static void keep(struct walk *walk, const char *path)
{
    size_t place = place_of(walk, path);
    char *copy = place < QUOTA_ARTIFACTS_MAX ? strdup(path) : NULL;
    if (!copy || walk->count == QUOTA_ARTIFACTS_MAX)
        walk->left_out_count++;
    if (!copy)
        return;
    if (walk->count == QUOTA_ARTIFACTS_MAX)
        free(walk->paths[--walk->count]);
    memmove(walk->paths + place + 1, walk->paths + place,
            (walk->count - place) * sizeof walk->paths[0]);
    walk->paths[place] = copy;
    walk->count++;
}

static void find_file(struct walker *walker, size_t len)
{
    struct bytes path = bytes_of(walker->path, len);
    if (!any_glob(walker->globs, glob_matches, path))
        return;
    if (path_is_plain(path) && utf8_is_valid(path.data, path.len))
        keep(walker->found, walker->path);
    else
        walker->found->left_out_count++;
}

/* ---- directories ---- */

/* Open a directory whose path is the first path_len bytes of `path`. Takes fd. */
static bool enter(struct walker *walker, int fd, size_t path_len)
{
    struct stat status;
    DIR *dir = NULL;
    bool may = walker->depth < PATH_SEGMENTS_MAX && fd >= 0 && fstat(fd, &status) == 0 &&
               status.st_dev == walker->device;
    if (may)
        dir = fdopendir(fd);
    if (dir)
        walker->levels[walker->depth++] = (struct level){dir, path_len};
    else if (fd >= 0)
        close(fd);
    return dir != NULL;
}

static void leave(struct walker *walker)
{
    closedir(walker->levels[--walker->depth].dir);
}

static void find_directory(struct walker *walker, int parent_fd, const char *name, size_t len)
{
    if (!any_glob(walker->globs, glob_reaches, bytes_of(walker->path, len)))
        return;
    int fd = len < PATH_BYTES_MAX ? openat(parent_fd, name, DIRECTORY_FLAGS) : -1;
    walker->path[len] = '/';
    if (!enter(walker, fd, len + 1))
        walker->found->left_out_count++;
}

/* ---- the walk ---- */

static mode_t type_of(int parent_fd, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return DTTOIF(entry->d_type);
    return fstatat(parent_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
               ? status.st_mode & S_IFMT
               : 0;
}

static void visit(struct walker *walker, const struct level *level, const struct dirent *entry)
{
    const char *name = entry->d_name;
    size_t name_len = strlen(name);
    int parent_fd = dirfd(level->dir);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    memcpy(walker->path + level->path_len, name, name_len + 1);
    mode_t type = type_of(parent_fd, entry);
    if (S_ISREG(type))
        find_file(walker, level->path_len + name_len);
    else if (S_ISDIR(type))
        find_directory(walker, parent_fd, name, level->path_len + name_len);
}

static bool may_go_on(struct walker *walker)
{
    return walker->entries_count++ < WALK_ENTRIES_MAX && clock_now_ns() < walker->deadline_ns;
}

void walk_find(struct walk *walk, int dir_fd, struct bytes globs, uint64_t deadline_ns)
{
    struct stat top;
    struct walker walker = {.found = walk, .globs = globs, .deadline_ns = deadline_ns};
    if (fstat(dir_fd, &top) == 0)
        walker.device = top.st_dev;
    if (!enter(&walker, openat(dir_fd, ".", DIRECTORY_FLAGS), 0))
        walk->left_out_count++;
    while (walker.depth > 0 && may_go_on(&walker)) {
        const struct level *level = &walker.levels[walker.depth - 1];
        const struct dirent *entry = readdir(level->dir);
        if (entry)
            visit(&walker, level, entry);
        else
            leave(&walker);
    }
    walk->left_out_count += walker.depth > 0;
    while (walker.depth > 0)
        leave(&walker);
}

void walk_release(struct walk *walk)
{
    while (walk->count > 0)
        free(walk->paths[--walk->count]);
}
