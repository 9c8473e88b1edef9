/* request_write.c - writes the fields of a request as a RUN payload, one list after another. An
 * element is written in one piece; a large value follows the head of its field in parts.
 */
#include "front/api/request.h"

#include "front/api/request_files.h"

typedef bool list_write(struct buf *out, const struct request *request,
                        struct request_cursor *cursor);

/* Write the head of a field. Its value becomes the cursor's rest. */
static bool begin_value(struct buf *out, struct request_cursor *cursor, enum wire_tag tag,
                        struct bytes value)
{
    cursor->rest = value;
    return wire_put_head(out, tag, value.len);
}

/* ---- lists; each function writes element cursor->index, or sets is_at_end ---- */

static bool write_job(struct buf *out, const struct request *request, struct request_cursor *cursor)
{
    struct job job = request->job;
    job.stdin_data = (struct bytes){0}; /* it is written by the next list */
    struct bytes removed = request->removed_path;
    cursor->is_at_end = cursor->index > 0;
    return cursor->is_at_end ||
           (job_encode(out, &job) &&
            (removed.len == 0 || wire_put(out, WIRE_TAG_FILE_REMOVE, removed.data, removed.len)));
}

static bool write_stdin(struct buf *out, const struct request *request,
                        struct request_cursor *cursor)
{
    cursor->is_at_end = cursor->index > 0;
    return cursor->is_at_end || begin_value(out, cursor, WIRE_TAG_STDIN, request->job.stdin_data);
}

static bool write_arg(struct buf *out, const struct request *request, struct request_cursor *cursor)
{
    cursor->is_at_end = cursor->index >= json_array_len(request->args);
    return cursor->is_at_end ||
           job_put_arg(out, json_string(json_array_at(request->args, cursor->index)));
}

static bool write_env(struct buf *out, const struct request *request, struct request_cursor *cursor)
{
    const char *name;
    const struct json *value;
    struct bytes ready = request->env_fields;
    if (ready.len > 0 && cursor->index == 0)
        return buf_append(out, ready.data, ready.len);
    cursor->is_at_end = !request->env || !json_next(request->env, &cursor->position, &name, &value);
    return cursor->is_at_end || job_put_env(out, bytes_of_string(name), json_string(value));
}

static bool write_file(struct buf *out, const struct request *request,
                       struct request_cursor *cursor)
{
    cursor->is_at_end = cursor->index >= request->files.count;
    if (cursor->is_at_end)
        return true;
    const struct request_file *file = &request->files.list[cursor->index];
    return wire_put(out, WIRE_TAG_FILE_PATH, file->path.data, file->path.len) &&
           begin_value(out, cursor, WIRE_TAG_FILE_CONTENT, file->content);
}

static bool write_output(struct buf *out, const struct request *request,
                         struct request_cursor *cursor)
{
    if (request->glob.len > 0 && cursor->index == 0)
        return job_put_output_glob(out, request->glob);
    cursor->is_at_end = cursor->index >= json_array_len(request->outputs);
    struct bytes glob = json_string(json_array_at(request->outputs, cursor->index));
    return cursor->is_at_end || job_put_output_glob(out, request_path(glob));
}

static list_write *const lists[] = {
    [REQUEST_LIST_JOB] = write_job,    [REQUEST_LIST_ENV] = write_env,
    [REQUEST_LIST_FILES] = write_file, [REQUEST_LIST_OUTPUTS] = write_output,
    [REQUEST_LIST_ARGS] = write_arg,   [REQUEST_LIST_STDIN] = write_stdin};
_Static_assert(sizeof lists / sizeof lists[0] == REQUEST_LISTS_COUNT, "each list");

/* ---- all lists ---- */

static bool write_rest(struct buf *out, struct request_cursor *cursor, size_t most_bytes)
{
    struct bytes rest = cursor->rest;
    size_t len = rest.len < most_bytes ? rest.len : most_bytes;
    cursor->rest = bytes_of(rest.data + len, rest.len - len);
    return buf_append(out, rest.data, len);
}

static bool write_next(struct buf *out, const struct request *request,
                       struct request_cursor *cursor)
{
    if (!lists[cursor->list](out, request, cursor))
        return false;
    if (!cursor->is_at_end) {
        cursor->index++;
        return true;
    }
    cursor->index = 0;
    cursor->is_at_end = ++cursor->list == REQUEST_LISTS_COUNT;
    if (!cursor->is_at_end)
        cursor->list_at[cursor->list] = out->len;
    return true;
}

bool request_write(struct buf *out, const struct request *request, struct request_cursor *cursor,
                   size_t most_bytes)
{
    size_t before = out->len;
    bool fine = true;
    while (fine && !cursor->is_at_end && out->len - before < most_bytes) {
        if (cursor->rest.len > 0)
            fine = write_rest(out, cursor, most_bytes);
        else
            fine = write_next(out, request, cursor);
    }
    return fine;
}
