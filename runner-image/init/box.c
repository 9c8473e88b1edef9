#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FILE_MODE 0644
#define DIRECTORY_MODE 0755
#define SOURCE "main.py"

/* ---- paths ---- */

static void copy_name(char name[PATH_SEGMENT_BYTES_MAX + 1], struct bytes segment)
{
    memcpy(name, segment.data, segment.len);
    name[segment.len] = '\0';
}

static int enter_directory(int parent_fd, const char *name, bool make)
{
    if (make && mkdirat(parent_fd, name, DIRECTORY_MODE) < 0 && errno != EEXIST)
        return -1;
    return openat(parent_fd, name, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* Close a descriptor that enter_parent returned. Keeps errno. */
static void leave_parent(int parent_fd, int dir_fd)
{
    if (parent_fd >= 0 && parent_fd != dir_fd)
        close(parent_fd);
}

/* Open the directory that contains the file `path`, and copy the file's own name to `name`. `path`
 * must be plain. `make`: create missing directories. Returns dir_fd itself or a descriptor for
 * leave_parent; -1 with errno set, though some directories may have been created. */
static int enter_parent(int dir_fd, struct bytes path, bool make,
                        char name[PATH_SEGMENT_BYTES_MAX + 1])
{
    struct bytes segment;
    int here_fd = dir_fd;
    while (here_fd >= 0 && path_next(&path, &segment)) {
        copy_name(name, segment);
        if (path.len == 0)
            break;
        int deeper_fd = enter_directory(here_fd, name, make);
        leave_parent(here_fd, dir_fd);
        here_fd = deeper_fd;
    }
    return here_fd;
}

/* ---- writing ---- */

static bool write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t written = write(fd, content.data, content.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            content = bytes_of(content.data + written, content.len - (size_t)written);
    }
    return true;
}

/* Returns 0, or -1 with errno set. Closes fd. */
static int write_and_close(int fd, struct bytes content)
{
    bool written = write_all(fd, content);
    return close(fd) == 0 && written ? 0 : -1;
}

/* In a session, a program may have put a pipe there. Nobody may open its other end, so opening it
 * must not wait. */
static int create_file(int parent_fd, const char *name)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    return openat(parent_fd, name, flags, FILE_MODE);
}

bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err)
{
    char name[PATH_SEGMENT_BYTES_MAX + 1];
    if (!path_is_plain(path))
        return error_set(err, ERR_INVALID, "a file's path is not relative and plain");
    int parent_fd = enter_parent(dir_fd, path, true, name);
    if (parent_fd < 0)
        return error_errno(err, "a directory for the job's files cannot be created");
    int fd = create_file(parent_fd, name);
    bool written = fd >= 0 && write_and_close(fd, content) == 0;
    if (!written)
        error_errno(err, "a file of the job cannot be written");
    leave_parent(parent_fd, dir_fd);
    return written;
}

static bool write_files(int dir_fd, const struct job *job, struct error *err)
{
    struct bytes cursor = job->fields;
    struct bytes path;
    while (job_next(&cursor, WIRE_TAG_FILE_PATH, &path)) {
        uint16_t tag;
        struct bytes content;
        if (!wire_next(&cursor, &tag, &content))
            return error_set(err, ERR_PROTOCOL, "a file without content");
        if (!box_write(dir_fd, path, content, err))
            return false;
    }
    return true;
}

static bool fill_below(const char *dir, const struct job *job, bool with_source, struct error *err)
{
    int dir_fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir_fd < 0)
        return error_errno(err, "the box's directory cannot be opened");
    /* Write the source last, so that no file can replace it. */
    bool filled = write_files(dir_fd, job, err) &&
                  (!with_source || box_write(dir_fd, bytes_of_string(SOURCE), job->source, err));
    close(dir_fd);
    return filled;
}

void box_init(struct box *box, const char *dir)
{
    *box = (struct box){.dir = dir, .source_fd = -1};
}

void box_prepare(struct box *box)
{
    int dir_fd = open(box->dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir_fd < 0)
        return;
    box->source_fd = create_file(dir_fd, SOURCE);
    close(dir_fd);
}

void box_unprepare(struct box *box)
{
    int dir_fd = open(box->dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (box->source_fd >= 0)
        close(box->source_fd);
    box->source_fd = -1;
    if (dir_fd < 0)
        return;
    unlinkat(dir_fd, SOURCE, 0);
    close(dir_fd);
}

bool box_fill(struct box *box, const struct job *job, struct error *err)
{
    struct bytes cursor = job->fields, path;
    int source_fd = box->source_fd;
    bool has_files = job_next(&cursor, WIRE_TAG_FILE_PATH, &path);
    if ((has_files || source_fd < 0) && !fill_below(box->dir, job, source_fd < 0, err))
        return false;
    box->source_fd = -1;
    if (source_fd >= 0 && write_and_close(source_fd, job->source) < 0)
        return error_errno(err, "the source cannot be written");
    return true;
}

/* A link is removed itself. A directory is not removed. */
static bool remove_file(int dir_fd, struct bytes path, struct error *err)
{
    char name[PATH_SEGMENT_BYTES_MAX + 1];
    if (!path_is_plain(path))
        return error_set(err, ERR_INVALID, "a file's path is not relative and plain");
    int parent_fd = enter_parent(dir_fd, path, false, name);
    bool is_removed = parent_fd >= 0 && unlinkat(parent_fd, name, 0) == 0;
    if (!is_removed)
        error_errno(err, "a file cannot be removed");
    leave_parent(parent_fd, dir_fd);
    return is_removed;
}

static bool remove_files(const char *dir, const struct job *job, struct error *err)
{
    struct bytes cursor = job->fields, path;
    int dir_fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir_fd < 0)
        return error_errno(err, "the box's directory cannot be opened");
    bool is_fine = true;
    while (is_fine && job_next(&cursor, WIRE_TAG_FILE_REMOVE, &path))
        is_fine = remove_file(dir_fd, path, err);
    close(dir_fd);
    return is_fine;
}

static bool has_any(const struct job *job, enum wire_tag tag)
{
    struct bytes cursor = job->fields, value;
    return job_next(&cursor, tag, &value);
}

bool box_put_files(const struct box *box, const struct job *job, struct error *err)
{
    return (!has_any(job, WIRE_TAG_FILE_REMOVE) || remove_files(box->dir, job, err)) &&
           (!has_any(job, WIRE_TAG_FILE_PATH) || fill_below(box->dir, job, false, err));
}

/* ---- free space ---- */

void box_look_for_room(const struct box *box, uint64_t *inodes_limit, uint64_t *room_bytes)
{
    const char *const trees[] = {box->dir, "/tmp"};
    *inodes_limit = *room_bytes = 0;
    for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++) {
        struct statfs room;
        if (statfs(trees[i], &room) != 0)
            continue;
        if (room.f_files > 0 && room.f_ffree == 0)
            *inodes_limit = room.f_files;
        if (room.f_blocks > 0 && room.f_bfree == 0)
            *room_bytes = (uint64_t)room.f_blocks * (uint64_t)room.f_bsize;
    }
}

/* ---- reading ---- */

/* Only the status of an open descriptor shows reliably whether it is a regular file. O_NONBLOCK
 * keeps the open of a pipe or device from blocking. */
static int open_file(int parent_fd, const char *name, dev_t device, struct stat *status)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = openat(parent_fd, name, flags);
    if (fd < 0)
        return -1;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_dev == device)
        return fd;
    close(fd);
    return -1;
}

int box_open(int dir_fd, struct bytes path, struct stat *status)
{
    struct stat top;
    char name[PATH_SEGMENT_BYTES_MAX + 1];
    if (!path_is_plain(path) || fstat(dir_fd, &top) < 0)
        return -1;
    int parent_fd = enter_parent(dir_fd, path, false, name);
    int fd = parent_fd < 0 ? -1 : open_file(parent_fd, name, top.st_dev, status);
    leave_parent(parent_fd, dir_fd);
    return fd;
}
