#include "client/recall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/notice.h"

#define PATH_MAX_BYTES ((size_t)4096)

static const char *text_of(const struct buf *path)
{
    return (const char *)buf_bytes(path).data;
}

/* ---- the path ---- */

/* Append "/name" and a NUL, in place of the earlier NUL. */
static bool put_part(struct buf *path, const char *name)
{
    buf_truncate(path, path->len - 1);
    return buf_printf(path, "/%s", name) && buf_append(path, "", 1);
}

/* Append a folder to the path, and create it for this user alone. Its parent must exist. */
static bool go_into(struct buf *path, const char *name)
{
    return put_part(path, name) && (mkdir(text_of(path), 0700) == 0 || errno == EEXIST);
}

/* A relative XDG_STATE_HOME does not count, as its specification says. */
static bool put_folder(struct buf *path)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        return buf_append_string(path, state) && buf_append(path, "", 1) &&
               (mkdir(state, 0700) == 0 || errno == EEXIST) && go_into(path, "mayfly");
    return home && home[0] == '/' && buf_append_string(path, home) && buf_append(path, "", 1) &&
           go_into(path, ".local") && go_into(path, "state") && go_into(path, "mayfly");
}

static void find_path(struct buf *path)
{
    buf_init(path, PATH_MAX_BYTES);
    if (!put_folder(path) || !put_part(path, "history"))
        buf_release(path);
}

/* ---- the file ---- */

/* Only a plain file of a moderate size is read. */
static void load(struct recall *recall)
{
    HistEvent event;
    struct stat file;
    int fd = open(text_of(&recall->path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool is_good = fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
                   (size_t)file.st_size <= RECALL_FILE_MAX_BYTES;
    if (is_good)
        history(recall->lines, &event, H_LOAD, text_of(&recall->path));
    if (fd >= 0)
        close(fd);
}

void recall_init(struct recall *recall)
{
    HistEvent event;
    *recall = (struct recall){.lines = history_init()};
    if (!recall->lines)
        return;
    history(recall->lines, &event, H_SETSIZE, RECALL_LINES_MAX);
    history(recall->lines, &event, H_SETUNIQUE, 1);
    find_path(&recall->path);
    if (recall->path.len > 0)
        load(recall);
}

void recall_add(struct recall *recall, const char *line)
{
    HistEvent event;
    if (recall->lines)
        history(recall->lines, &event, H_ENTER, line);
}

/* Write the lines to a new file, beside the one that it will replace. */
static bool write_lines(struct recall *recall, const char *beside)
{
    HistEvent event;
    unlink(beside);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool is_written = history(recall->lines, &event, H_SAVE_FP, file) >= 0;
    return fclose(file) == 0 && is_written;
}

void recall_save(struct recall *recall)
{
    struct buf beside;
    if (!recall->lines || recall->path.len == 0)
        return;
    buf_init(&beside, PATH_MAX_BYTES);
    bool is_saved = buf_printf(&beside, "%s.%ld", text_of(&recall->path), (long)getpid()) &&
                    buf_append(&beside, "", 1) && write_lines(recall, text_of(&beside)) &&
                    rename(text_of(&beside), text_of(&recall->path)) == 0;
    if (!is_saved) {
        notice_print("%s cannot be written: %s", text_of(&recall->path), strerror(errno));
        if (beside.len > 0)
            unlink(text_of(&beside));
    }
    buf_release(&beside);
}

void recall_release(struct recall *recall)
{
    if (recall->lines)
        history_end(recall->lines);
    buf_release(&recall->path);
    recall->lines = NULL;
}
