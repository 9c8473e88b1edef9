#include "harvest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "common/clock.h"

#define FIND_NS (500 * NS_PER_MS)
#define PIECE_BYTES ((size_t)60 << 10)

bool harvest_init(struct harvest *harvest, const struct job *job)
{
    struct bytes cursor = job->fields, glob;
    *harvest = (struct harvest){.dir_fd = -1, .file_fd = -1};
    harvest->files_bytes = job->files_bytes;
    harvest->file_bytes = job->file_bytes;
    buf_init(&harvest->globs, job->fields.len);
    if (job->files_bytes == 0)
        return true;
    while (job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob)) {
        if (!wire_put(&harvest->globs, WIRE_TAG_OUTPUT_GLOB, glob.data, glob.len))
            return false;
    }
    return true;
}

bool harvest_is_wanted(const struct harvest *harvest)
{
    return harvest->globs.len > 0;
}

void harvest_find(struct harvest *harvest, const char *dir)
{
    harvest->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (harvest->dir_fd < 0)
        harvest->walk.left_out_count++; /* the program has removed the permission to read it */
    else
        walk_find(&harvest->walk, harvest->dir_fd, buf_bytes(&harvest->globs),
                  clock_now_ns() + FIND_NS);
}

uint64_t harvest_left_out_count(const struct harvest *harvest)
{
    return harvest->walk.left_out_count;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Open the next file and append its frame up to the content. Skips a file that cannot be read. */
static bool begin_file(struct harvest *harvest, struct upstream *up, uint64_t run_id)
{
    struct bytes path = bytes_of_string(harvest->walk.paths[harvest->next++]);
    struct stat status;
    harvest->file_fd = box_open(harvest->dir_fd, path, &status);
    if (harvest->file_fd < 0) {
        harvest->walk.left_out_count++;
        return true;
    }
    uint64_t size_bytes = (uint64_t)status.st_size;
    harvest->rest_bytes = least(size_bytes, least(harvest->file_bytes, harvest->files_bytes));
    harvest->files_bytes -= harvest->rest_bytes;
    const struct artifact artifact = {
        .path = path, .content = {.len = (size_t)harvest->rest_bytes}, .size_bytes = size_bytes};
    return artifact_begin(&up->pending, WIRE_FILE, run_id, &artifact);
}

/* Append the next piece of the file. Its length was already announced. If the file has become
 * shorter, zeros replace the rest: a killed process may have finished a system call late. */
static bool send_piece(struct harvest *harvest, struct upstream *up)
{
    size_t len = (size_t)least(harvest->rest_bytes, PIECE_BYTES);
    uint8_t *room = buf_reserve(&up->pending, len);
    if (!room)
        return false;
    ssize_t got = read(harvest->file_fd, room, len);
    if (got <= 0) {
        memset(room, 0, len);
        got = (ssize_t)len;
    }
    buf_commit(&up->pending, (size_t)got);
    harvest->rest_bytes -= (uint64_t)got;
    return true;
}

static bool send_some(struct harvest *harvest, struct upstream *up, uint64_t run_id)
{
    if (harvest->file_fd < 0)
        return begin_file(harvest, up, run_id);
    if (harvest->rest_bytes > 0)
        return send_piece(harvest, up);
    close(harvest->file_fd);
    harvest->file_fd = -1;
    return true;
}

static bool is_done(const struct harvest *harvest)
{
    return harvest->file_fd < 0 && harvest->next == harvest->walk.count;
}

bool harvest_send(struct harvest *harvest, struct upstream *up, uint64_t run_id, bool *done)
{
    *done = is_done(harvest);
    while (!*done && upstream_has_room(up)) {
        if (!send_some(harvest, up, run_id))
            return false;
        *done = is_done(harvest);
    }
    return true;
}

void harvest_release(struct harvest *harvest)
{
    if (harvest->dir_fd >= 0)
        close(harvest->dir_fd);
    if (harvest->file_fd >= 0)
        close(harvest->file_fd);
    walk_release(&harvest->walk);
    buf_release(&harvest->globs);
    *harvest = (struct harvest){.dir_fd = -1, .file_fd = -1};
}
