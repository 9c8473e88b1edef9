#include "client/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/path.h"

#define OPEN_PART (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FOLDER_MODE 0777 /* reduced by the umask */
#define FILE_MODE 0666

int folder_open(const char *path, struct error *err)
{
    if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST) {
        error_errno(err, "%s cannot be created", path);
        return -1;
    }
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        error_errno(err, "%s cannot be written to", path);
    return fd;
}

/* ---- writing ---- */

/* Open the subfolder `name` of `parent`, and create it if it is missing. Closes parent. */
static int enter(int parent, const char *name, struct error *err)
{
    int fd = -1;
    if (mkdirat(parent, name, FOLDER_MODE) < 0 && errno != EEXIST)
        error_errno(err, "its folder cannot be created");
    else if ((fd = openat(parent, name, OPEN_PART)) < 0)
        error_errno(err, "its folder is not a directory, or is a symbolic link");
    close(parent);
    return fd;
}

/* Open the folder for the file at `path`, which is relative to `folder`, and make folders that are
 * missing. Sets *name to the last part of path. Replaces the slashes in path by NULs. */
static int descend(int folder, char *path, const char **name, struct error *err)
{
    int fd = openat(folder, ".", OPEN_PART);
    if (fd < 0)
        error_errno(err, "the folder was removed");
    char *slash;
    for (; fd >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        *slash = '\0';
        fd = enter(fd, path, err);
    }
    *name = path;
    return fd;
}

static bool write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t put = write(fd, content.data, content.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        content = bytes_of(content.data + put, content.len - (size_t)put);
    }
    return true;
}

/* Create a file under an unused temporary name. */
static int create_beside(int folder, char name[32])
{
    uint64_t number;
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return -1;
    snprintf(name, 32, ".mayfly-%016llx", (unsigned long long)number);
    return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
}

static bool replace(int folder, const char *name, struct bytes content, struct error *err)
{
    char beside[32];
    int fd = create_beside(folder, beside);
    if (fd < 0)
        return error_errno(err, "it cannot be created");
    bool is_written = write_all(fd, content);
    /* A full disk may be reported only by close(2). */
    is_written = close(fd) == 0 && is_written;
    if (is_written && renameat(folder, beside, folder, name) == 0)
        return true;
    error_errno(err, "it cannot be written");
    unlinkat(folder, beside, 0);
    return false;
}

static void copy_path(struct bytes path, char text[PATH_BYTES_MAX + 1])
{
    memcpy(text, path.data, path.len);
    text[path.len] = '\0';
}

bool folder_stat(int folder, struct bytes path, struct stat *what)
{
    char text[PATH_BYTES_MAX + 1];
    if (path_fault(path))
        return false;
    copy_path(path, text);
    return fstatat(folder, text, what, 0) == 0;
}

bool folder_write(int folder, struct bytes path, struct bytes content, struct error *err)
{
    const char *fault = path_fault(path);
    if (fault)
        return error_set(err, ERR_INVALID, "its path %s", fault);
    char text[PATH_BYTES_MAX + 1];
    copy_path(path, text);
    const char *name;
    int fd = descend(folder, text, &name, err);
    if (fd < 0)
        return false;
    bool is_written = replace(fd, name, content, err);
    close(fd);
    return is_written;
}
