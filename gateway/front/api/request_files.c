/* request_files.c - works in two steps. First each element is read alone. Then all elements that
 * could be read are checked against each other, so that one answer names every mistake.
 */
#include "front/api/request_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/glob.h"

#define PROGRAM "main.py" /* where mayfly-init puts the source */
#define MEMBER_NAME_BYTES 64
#define BASE64_GROUP 4

struct bytes request_path(struct bytes path)
{
    static const char *const roots[] = {"/box/", "/mnt/data/"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        size_t len = strlen(roots[i]);
        if (path.len >= len && memcmp(path.data, roots[i], len) == 0)
            return bytes_of(path.data + len, path.len - len);
    }
    return path;
}

/* ---- one element of `files` ---- */

static void read_path(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes path = request_path(json_string(value));
    const char *fault = path_fault(path);
    if (fault)
        field_errors_add(reading->errors, name, "%s", fault);
    else if (bytes_equal_string(path, PROGRAM))
        field_errors_add(reading->errors, name, "is the path of the program itself");
    else if (path_is_below(path, bytes_of_string(PROGRAM)))
        field_errors_add(reading->errors, name, "uses the program, main.py, as a directory");
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

static void read_file(struct reading *reading, struct request_file *file, const char *list_name,
                      size_t index, const struct json *value)
{
    char name[MEMBER_NAME_BYTES], prefix[MEMBER_NAME_BYTES];
    snprintf(name, sizeof name, "%s[%zu]", list_name, index);
    snprintf(prefix, sizeof prefix, "%s[%zu].", list_name, index);
    if (!reading_is_type(reading, name, value, JSON_OBJECT))
        return;
    reading->file = file;
    reading_members(reading, file_fields, prefix, value);
    require(reading, prefix, value, "path");
    require(reading, prefix, value, "content");
}

void request_files_take(struct reading *reading, struct request_files *files, const char *name,
                        const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_ARRAY))
        return;
    size_t count = json_array_len(value);
    if (count > REQUEST_FILES_MAX) {
        field_errors_add(reading->errors, name, "must have at most %d elements", REQUEST_FILES_MAX);
        return;
    }
    files->list = count > 0 ? calloc(count, sizeof *files->list) : NULL;
    if (count > 0 && !files->list) {
        reading->is_out_of_memory = true;
        return;
    }
    files->count = count;
    for (size_t i = 0; i < count; i++)
        read_file(reading, &files->list[i], name, i, json_array_at(value, i));
}

void request_files_read(struct reading *reading, const char *name, const struct json *value)
{
    request_files_take(reading, &reading->request->files, name, value);
}

/* ---- all of them together ---- */

/* Returns why two files cannot both exist; NULL when they can. */
static const char *clash(struct bytes later, struct bytes earlier)
{
    if (later.len == earlier.len && memcmp(later.data, earlier.data, later.len) == 0)
        return "is the same as";
    if (path_is_below(later, earlier))
        return "uses another file as a directory:";
    return path_is_below(earlier, later) ? "is also used as a directory by" : NULL;
}

/* Add a mistake to the later file if it cannot exist beside one of the earlier ones. A path that
 * was refused is empty, and fits everywhere. Returns whether there is a mistake. */
static bool check_apart(struct reading *reading, const struct request_file *later,
                        const char *later_name, size_t index, const struct request_files *earlier,
                        const char *earlier_name, size_t earlier_count)
{
    const char *fault = NULL;
    size_t i = 0;
    while (i < earlier_count && later->path.len > 0 &&
           (earlier->list[i].path.len == 0 || !(fault = clash(later->path, earlier->list[i].path))))
        i++;
    char name[MEMBER_NAME_BYTES];
    snprintf(name, sizeof name, "%s[%zu].path", later_name, index);
    if (fault)
        field_errors_add(reading->errors, name, "%s %s[%zu].path", fault, earlier_name, i);
    return fault != NULL;
}

/* Reserve one buffer for all decoded contents, so that contents do not move while others are
 * added. */
static bool reserve_decoded(struct request_files *files)
{
    size_t room = 1; /* so that memory is allocated even if all are empty */
    for (size_t i = 0; i < files->count; i++)
        room += files->list[i].is_decoded ? files->list[i].content.len : 0;
    buf_init(&files->decoded, room);
    return buf_reserve(&files->decoded, room);
}

/* Decode the next part of *text and remove it from *text. A part is whole groups of four
 * characters; only the last part of a content may be padded. Returns false when it is not
 * base64. */
static bool decode_part(struct buf *decoded, struct bytes *text, size_t most_bytes)
{
    size_t len = text->len;
    if (len > BASE64_GROUP && len > most_bytes) {
        len = most_bytes < BASE64_GROUP ? BASE64_GROUP : most_bytes - most_bytes % BASE64_GROUP;
        if (text->data[len - 1] == '=')
            return false;
    }
    if (!base64_decode(decoded, (const char *)text->data, len))
        return false;
    *text = bytes_of(text->data + len, text->len - len);
    return true;
}

static void complain_of_content(struct reading *reading, const char *list_name, size_t index)
{
    char name[MEMBER_NAME_BYTES];
    snprintf(name, sizeof name, "%s[%zu].content", list_name, index);
    field_errors_add(reading->errors, name, "is not base64 (RFC 4648, padded)");
}

/* Decode the next part of the current file; move on to the next file when it is complete. */
static void decode_some(struct reading *reading, struct request_files *files, const char *name,
                        size_t most_bytes)
{
    struct request_file *file = &files->list[files->decoding];
    struct buf *decoded = &files->decoded;
    bool is_good = true;
    if (file->is_decoded && file->content.len > 0) {
        is_good = decode_part(decoded, &file->content, most_bytes);
        if (is_good && file->content.len > 0)
            return;
    }
    if (!is_good)
        complain_of_content(reading, name, files->decoding);
    if (file->is_decoded)
        file->content =
            bytes_of(decoded->data + files->decoded_before, decoded->len - files->decoded_before);
    files->decoded_before = decoded->len;
    files->decoding++;
}

size_t request_files_bytes(const struct request_files *files)
{
    size_t total = 0;
    for (size_t i = 0; i < files->count; i++)
        total += files->list[i].content.len;
    return total;
}

void request_files_check_total(struct reading *reading, const struct request_files *files,
                               const char *name, size_t more_bytes)
{
    uint64_t memory_bytes = reading->request->job.limits.memory_bytes;
    uint64_t share = memory_bytes / REQUEST_FILES_MEMORY_SHARE;
    uint64_t most = reading->config->max_files_bytes;
    size_t total = request_files_bytes(files) + more_bytes;
    if (files->count == 0)
        return;
    if (total > most)
        field_errors_add(reading->errors, name, "must be at most %llu bytes in all",
                         (unsigned long long)most);
    else if (total > share)
        field_errors_add(reading->errors, name,
                         "must be at most %llu bytes in all: a quarter of limits.memory_bytes",
                         (unsigned long long)share);
}

void request_files_check(struct reading *reading, struct request_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        check_apart(reading, &files->list[i], name, i, files, name, i);
    if (files->count > 0 && !reserve_decoded(files))
        reading->is_out_of_memory = true;
}

void request_files_check_with(struct reading *reading, const struct request_files *files,
                              const char *name, const struct request_files *others)
{
    for (size_t i = 0; i < files->count; i++) {
        if (check_apart(reading, &files->list[i], name, i, others, "files", others->count))
            return;
    }
}

bool request_files_decode(struct reading *reading, struct request_files *files, const char *name,
                          size_t most_bytes)
{
    size_t done = 0;
    while (files->decoding < files->count) {
        if (done >= most_bytes)
            return false;
        size_t before = files->list[files->decoding].content.len;
        decode_some(reading, files, name, most_bytes - done);
        done += before + 1;
    }
    return true;
}

/* ---- outputs ---- */

static void read_glob(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    const char *fault = glob_fault(request_path(json_string(value)));
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

void request_files_release(struct request_files *files)
{
    free(files->list);
    buf_release(&files->decoded);
    *files = (struct request_files){.list = NULL};
}
