/* request_files.c - in two steps: the elements are read one by one; then they are looked at
 * together, as far as they could be read, so that one answer names every mistake.
 */
#include "front/api/request_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/glob.h"

#define PROGRAM "main.py" /* where mayfly-init puts the source */
#define MEMBER_NAME_BYTES 48

/* ---- one element of `files` ---- */

static void read_path(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes path = json_string(value);
    const char *fault = path_fault(path);
    if (fault)
        field_errors_add(reading->errors, name, "%s", fault);
    else if (bytes_equal_string(path, PROGRAM))
        field_errors_add(reading->errors, name, "is the program's own name");
    else if (path_is_below(path, bytes_of_string(PROGRAM)))
        field_errors_add(reading->errors, name, "needs a directory where the program is");
    else
        reading->file->path = path;
}

static void read_content(struct reading *reading, const char *name, const struct json *value)
{
    if (reading_is_type(reading, name, value, JSON_STRING))
        reading->file->content = json_string(value);
}

static void read_encoding(struct reading *reading, const char *name, const struct json *value)
{
    enum output_encoding encoding = OUTPUT_UTF8;
    reading_encoding(reading, name, value, &encoding);
    reading->file->is_decoded = encoding == OUTPUT_BASE64;
}

static const struct field file_fields[] = {
    {"path", read_path},
    {"content", read_content},
    {"encoding", read_encoding},
    {NULL, NULL},
};

static void require(struct reading *reading, const char *prefix, const struct json *object,
                    const char *member)
{
    char name[READING_NAME_BYTES];
    snprintf(name, sizeof name, "%s%s", prefix, member);
    if (!json_get(object, member))
        field_errors_add(reading->errors, name, "is required");
}

static void read_file(struct reading *reading, size_t index, const struct json *value)
{
    char name[MEMBER_NAME_BYTES], prefix[MEMBER_NAME_BYTES];
    snprintf(name, sizeof name, "files[%zu]", index);
    snprintf(prefix, sizeof prefix, "files[%zu].", index);
    if (!reading_is_type(reading, name, value, JSON_OBJECT))
        return;
    reading->file = &reading->request->files.list[index];
    reading_members(reading, file_fields, prefix, value);
    require(reading, prefix, value, "path");
    require(reading, prefix, value, "content");
}

void request_files_read(struct reading *reading, const char *name, const struct json *value)
{
    struct request_files *files = &reading->request->files;
    if (!reading_is_type(reading, name, value, JSON_ARRAY))
        return;
    size_t count = json_array_len(value);
    if (count > REQUEST_FILES_MAX) {
        field_errors_add(reading->errors, name, "must have at most %d elements", REQUEST_FILES_MAX);
        return;
    }
    files->list = count > 0 ? calloc(count, sizeof *files->list) : NULL;
    if (count > 0 && !files->list) {
        field_errors_add(reading->errors, name, "cannot be held in memory now");
        return;
    }
    files->count = count;
    for (size_t i = 0; i < count; i++)
        read_file(reading, i, json_array_at(value, i));
}

/* ---- all of them together ---- */

/* Why two files cannot both be; NULL when they can. */
static const char *clash(struct bytes later, struct bytes earlier)
{
    if (later.len == earlier.len && memcmp(later.data, earlier.data, later.len) == 0)
        return "is the same as";
    if (path_is_below(later, earlier))
        return "needs a directory where a file is:";
    return path_is_below(earlier, later) ? "is a directory of" : NULL;
}

/* The later of two files is the one that is wrong. A path that was refused is empty, and clashes
 * with none. */
static void check_apart(struct reading *reading, size_t index)
{
    const struct request_file *list = reading->request->files.list;
    const char *fault = NULL;
    size_t earlier = 0;
    if (list[index].path.len == 0)
        return;
    while (earlier < index &&
           (list[earlier].path.len == 0 || !(fault = clash(list[index].path, list[earlier].path))))
        earlier++;
    char name[MEMBER_NAME_BYTES];
    snprintf(name, sizeof name, "files[%zu].path", index);
    if (fault)
        field_errors_add(reading->errors, name, "%s files[%zu].path", fault, earlier);
}

static void decode_file(struct reading *reading, size_t index)
{
    struct request_file *file = &reading->request->files.list[index];
    struct buf *decoded = &reading->request->files.decoded;
    size_t before = decoded->len;
    char name[MEMBER_NAME_BYTES];
    if (!file->is_decoded)
        return;
    if (base64_decode(decoded, (const char *)file->content.data, file->content.len)) {
        file->content = bytes_of(decoded->data + before, decoded->len - before);
        return;
    }
    snprintf(name, sizeof name, "files[%zu].content", index);
    field_errors_add(reading->errors, name, "is not base64 (RFC 4648, padded)");
}

/* Into one buffer that has the room for all from the start, so that no content moves. */
static void decode(struct reading *reading)
{
    struct request_files *files = &reading->request->files;
    size_t room = 1; /* some memory also for nothing but empty ones */
    for (size_t i = 0; i < files->count; i++)
        room += files->list[i].is_decoded ? files->list[i].content.len : 0;
    buf_init(&files->decoded, room);
    if (!buf_reserve(&files->decoded, room)) {
        field_errors_add(reading->errors, "files", "cannot be held in memory now");
        return;
    }
    for (size_t i = 0; i < files->count; i++)
        decode_file(reading, i);
}

static size_t total_bytes(const struct request_files *files)
{
    size_t total = 0;
    for (size_t i = 0; i < files->count; i++)
        total += files->list[i].content.len;
    return total;
}

static void check_total(struct reading *reading)
{
    uint64_t memory_bytes = reading->request->job.limits.memory_bytes;
    uint64_t share = memory_bytes / REQUEST_FILES_MEMORY_SHARE;
    uint64_t most = reading->config->max_files_bytes;
    size_t total = total_bytes(&reading->request->files);
    if (total > most)
        field_errors_add(reading->errors, "files", "must be at most %llu bytes together",
                         (unsigned long long)most);
    else if (total > share)
        field_errors_add(reading->errors, "files",
                         "must be at most %llu bytes together: a quarter of limits.memory_bytes",
                         (unsigned long long)share);
}

void request_files_settle(struct reading *reading)
{
    if (reading->request->files.count == 0)
        return;
    for (size_t i = 0; i < reading->request->files.count; i++)
        check_apart(reading, i);
    decode(reading);
    if (reading->errors->count == 0)
        check_total(reading);
}

/* ---- outputs ---- */

static void read_glob(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    const char *fault = glob_fault(json_string(value));
    if (fault)
        field_errors_add(reading->errors, name, "%s", fault);
}

void request_outputs_read(struct reading *reading, const char *name, const struct json *value)
{
    struct job *job = &reading->request->job;
    if (!reading_is_type(reading, name, value, JSON_ARRAY))
        return;
    size_t count = json_array_len(value);
    if (count > REQUEST_OUTPUTS_MAX) {
        field_errors_add(reading->errors, name, "must have at most %d elements",
                         REQUEST_OUTPUTS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char element[MEMBER_NAME_BYTES];
        snprintf(element, sizeof element, "%s[%zu]", name, i);
        read_glob(reading, element, json_array_at(value, i));
    }
    if (count == 0)
        return;
    job->files_bytes = reading->config->output_files_bytes;
    job->file_bytes = reading->config->output_file_bytes;
    reading->request->outputs = value;
}

/* ---- into the job ---- */

bool request_files_write(struct buf *out, const struct request *request)
{
    for (size_t i = 0; i < request->files.count; i++) {
        const struct request_file *file = &request->files.list[i];
        if (!job_put_file(out, file->path, file->content))
            return false;
    }
    size_t count = request->outputs ? json_array_len(request->outputs) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!job_put_output_glob(out, json_string(json_array_at(request->outputs, i))))
            return false;
    }
    return true;
}

void request_files_release(struct request_files *files)
{
    free(files->list);
    buf_release(&files->decoded);
    *files = (struct request_files){.list = NULL};
}
