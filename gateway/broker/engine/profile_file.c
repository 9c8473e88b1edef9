#include "broker/engine/profile_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".json"

static bool folder_is_safe(const char *folder, struct error *err)
{
    struct stat found;
    if (stat(folder, &found) != 0)
        return error_set(err, ERR_ENGINE, "MAYFLY_PROFILE_FOLDER \"%s\": %s", folder,
                         strerror(errno));
    bool is_ours = found.st_uid == 0 || found.st_uid == geteuid();
    if (!is_ours || found.st_mode & (S_IWGRP | S_IWOTH))
        return error_set(err, ERR_ENGINE, "MAYFLY_PROFILE_FOLDER \"%s\" can be written by others",
                         folder);
    return true;
}

static bool write_all(int fd, struct bytes text)
{
    while (text.len) {
        ssize_t written = write(fd, text.data, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text = bytes_of(text.data + written, text.len - (size_t)written);
    }
    return true;
}

bool profile_file_write(struct profile_file *file, const char *folder, struct bytes text,
                        struct error *err)
{
    struct stat found;
    if (file->path[0] && stat(file->path, &found) == 0 && found.st_size == (off_t)text.len)
        return true;
    profile_file_remove(file);
    if (!folder_is_safe(folder, err))
        return false;
    char path[sizeof file->path];
    int len = snprintf(path, sizeof path, "%s/mayfly-seccomp-XXXXXX" SUFFIX, folder);
    int fd = len < (int)sizeof path ? mkstemps(path, sizeof SUFFIX - 1) : -1;
    if (fd < 0)
        return error_set(err, ERR_ENGINE, "MAYFLY_PROFILE_FOLDER \"%s\" cannot be written: %s",
                         folder, strerror(errno));
    bool ok = write_all(fd, text) && fchmod(fd, 0644) == 0;
    close(fd);
    memcpy(file->path, path, sizeof path);
    if (!ok) {
        error_set(err, ERR_ENGINE, "the seccomp profile cannot be written to \"%s\"", path);
        profile_file_remove(file);
    }
    return ok;
}

void profile_file_remove(struct profile_file *file)
{
    if (file->path[0])
        unlink(file->path);
    file->path[0] = '\0';
}
