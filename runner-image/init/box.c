#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0644
#define DIRECTORY_MODE 0755

static bool is_plain(const char *name)
{
    return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The first component of *path into `name`, taken off *path with its slash; *last when nothing
 * follows. False for a component that is empty, "." or "..", or too long for any file system. */
static bool next_component(struct bytes *path, char name[NAME_MAX + 1], bool *last)
{
    if (path->len == 0)
        return false;
    const uint8_t *slash = memchr(path->data, '/', path->len);
    size_t len = slash ? (size_t)(slash - path->data) : path->len;
    if (len > NAME_MAX)
        return false;
    memcpy(name, path->data, len);
    name[len] = '\0';
    *last = slash == NULL;
    size_t taken = *last ? len : len + 1;
    *path = bytes_of(path->data + taken, path->len - taken);
    return is_plain(name);
}

static int enter_directory(int parent, const char *name)
{
    if (mkdirat(parent, name, DIRECTORY_MODE) < 0 && errno != EEXIST)
        return -1;
    return openat(parent, name, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

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

static bool write_file(int parent, const char *name, struct bytes content)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags, FILE_MODE);
    if (fd < 0)
        return false;
    bool written = write_all(fd, content);
    return close(fd) == 0 && written;
}

bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err)
{
    char name[NAME_MAX + 1];
    bool last = false;
    int here = dir_fd;
    while (next_component(&path, name, &last)) {
        if (last) {
            bool written = write_file(here, name, content);
            if (!written)
                error_errno(err, "a file of the job cannot be written");
            if (here != dir_fd)
                close(here);
            return written;
        }
        int deeper = enter_directory(here, name);
        if (here != dir_fd)
            close(here);
        if (deeper < 0)
            return error_errno(err, "a directory of the job's files cannot be made");
        here = deeper;
    }
    if (here != dir_fd)
        close(here);
    return error_set(err, ERR_INVALID, "a file's path is not relative and plain");
}

static bool fill_below(int dir_fd, const struct job *job, struct error *err)
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
    /* Last, so that no file can take the source's place. */
    return box_write(dir_fd, bytes_of_string("main.py"), job->source, err);
}

bool box_fill(const char *dir, const struct job *job, struct error *err)
{
    int dir_fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir_fd < 0)
        return error_errno(err, "the box's directory cannot be opened");
    bool filled = fill_below(dir_fd, job, err);
    close(dir_fd);
    return filled;
}
