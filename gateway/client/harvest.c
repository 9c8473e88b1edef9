#include "client/harvest.h"

#include <stdio.h>
#include <string.h>

#include "client/folder.h"
#include "common/notice.h"
#include "common/base64.h"
#include "common/glob.h"

#define CONTENT_MAX_BYTES ((size_t)256 << 20)
#define SHOWN_MAX 200
#define DISPLAY_NAME_BYTES 48
#define DISPLAYS_MAX 1000000 /* the search for a free name ends there */

/* Returns "png" for "image/png"; "bin" for an unknown type. */
static const char *ending_of(struct bytes media_type)
{
    static const struct {
        const char *type, *ending;
    } endings[] = {
        {"image/png", "png"},         {"image/jpeg", "jpg"},   {"image/svg+xml", "svg"},
        {"image/gif", "gif"},         {"text/html", "html"},   {"text/plain", "txt"},
        {"application/json", "json"}, {"text/markdown", "md"}, {"text/csv", "csv"},
        {"application/pdf", "pdf"},
    };
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (bytes_equal_string(media_type, endings[i].type))
            return endings[i].ending;
    return "bin";
}

/* Decode `content` into `plain`. */
static bool read_content(const struct json *object, struct buf *plain, struct error *err)
{
    const struct json *content = json_get(object, "content");
    struct bytes encoding = json_string(json_get(object, "encoding"));
    if (json_type_of(content) != JSON_STRING)
        return error_set(err, ERR_PROTOCOL, "the gateway sent a file without content");
    struct bytes text = json_string(content);
    if (bytes_equal_string(encoding, "utf-8"))
        return buf_append(plain, text.data, text.len) ||
               error_set(err, ERR_PROTOCOL, "the gateway sent a file that is too long");
    if (!bytes_equal_string(encoding, "base64") ||
        !base64_decode(plain, (const char *)text.data, text.len))
        return error_set(err, ERR_PROTOCOL, "the gateway sent a file in an unknown encoding");
    return true;
}

static void note_loss(struct harvest *harvest, struct bytes path, const char *why,
                      struct buf *notices)
{
    harvest->is_incomplete = true;
    notice_add(notices, "%.*s: %s", (int)(path.len < SHOWN_MAX ? path.len : SHOWN_MAX),
               path.len > 0 ? (const char *)path.data : "", why);
}

static void write_file(struct harvest *harvest, struct bytes path, struct bytes content,
                       struct buf *notices)
{
    struct stat there;
    struct error why;
    if (folder_stat(harvest->folder, path, &there) &&
        inputs_were_read_from(harvest->inputs, &there))
        note_loss(harvest, path,
                  "not written: it would overwrite one of this run's own inputs (program, key, "
                  "--file, --stdin); use another -o DIR",
                  notices);
    else if (!folder_write(harvest->folder, path, content, &why))
        note_loss(harvest, path, why.text, notices);
}

/* Returns true if the run requested this path. A bad gateway could send any file, under any
 * name. */
static bool is_asked_for(const struct harvest *harvest, struct bytes path)
{
    const struct options *options = harvest->options;
    for (size_t i = 0; i < options->outputs_count; i++)
        if (glob_matches(bytes_of_string(options->outputs[i]), path))
            return true;
    return false;
}

bool harvest_file(struct harvest *harvest, const struct json *file, struct buf *notices,
                  struct error *err)
{
    const struct json *path = json_get(file, "path"), *truncated = json_get(file, "truncated");
    if (json_type_of(path) != JSON_STRING || json_type_of(truncated) != JSON_BOOL)
        return error_set(err, ERR_PROTOCOL,
                         "the gateway sent a file without \"path\" or \"truncated\"");
    if (harvest->folder < 0)
        return true;
    if (path_is_plain(json_string(path)) && !is_asked_for(harvest, json_string(path))) {
        note_loss(harvest, json_string(path), "was sent although no --output matches it", notices);
        return true;
    }
    struct buf plain;
    buf_init(&plain, CONTENT_MAX_BYTES);
    bool is_read = read_content(file, &plain, err);
    if (is_read && !inputs_have(harvest->inputs, json_string(path), buf_bytes(&plain)))
        write_file(harvest, json_string(path), buf_bytes(&plain), notices);
    buf_release(&plain);
    if (is_read && json_bool(truncated))
        note_loss(harvest, json_string(path),
                  "is cut: it exceeds the gateway's limits for output files", notices);
    return is_read;
}

static bool is_text(const struct json *display)
{
    return bytes_equal_string(json_string(json_get(display, "media_type")), "text/plain");
}

/* Count a display, or further forms of one only once. Returns false for one that is not saved. */
static bool count_display(struct harvest *harvest, const struct json *display)
{
    int64_t number;
    bool is_of_cell = json_integer(json_get(display, "number"), &number);
    if (is_of_cell && is_text(display))
        return false;
    if (!is_of_cell || number != harvest->last_number)
        harvest->displays_count++;
    harvest->last_number = is_of_cell ? number : 0;
    return true;
}

bool harvest_display_text(const struct json *display, struct buf *text, struct error *err)
{
    int64_t number;
    if (!is_text(display) || !json_integer(json_get(display, "number"), &number))
        return true;
    return read_content(display, text, err) &&
           (buf_append_string(text, "\n") ||
            error_set(err, ERR_PROTOCOL, "the gateway sent a display that is too long"));
}

/* In a repl, each line with a table would leave a file. So only images are saved without -o. */
static bool is_wanted(const struct harvest *harvest, struct bytes media_type)
{
    static const char images[] = "image/";
    size_t len = sizeof(images) - 1;
    return harvest->options->directory ||
           (harvest->options->command == OPTIONS_REPL && media_type.len > len &&
            memcmp(media_type.data, images, len) == 0);
}

/* Write the name of the display that was counted last. A repl begins where an earlier one has
 * ended, so it takes the next number that is free. */
static struct bytes name_display(struct harvest *harvest, bool is_new, const char *ending,
                                 char name[DISPLAY_NAME_BYTES])
{
    for (;;) {
        struct stat there;
        int len =
            snprintf(name, DISPLAY_NAME_BYTES, "display-%u.%s", harvest->displays_count, ending);
        struct bytes path = bytes_of(name, (size_t)len);
        if (!is_new || harvest->options->command != OPTIONS_REPL ||
            harvest->displays_count >= DISPLAYS_MAX || !folder_stat(harvest->folder, path, &there))
            return path;
        harvest->displays_count++;
    }
}

static void save_display(struct harvest *harvest, struct bytes path, struct bytes content,
                         struct buf *notices)
{
    size_t before = notices->len;
    write_file(harvest, path, content, notices);
    if (harvest->options->command == OPTIONS_REPL && notices->len == before)
        notice_add(notices, "saved %.*s", (int)path.len, (const char *)path.data);
}

bool harvest_display(struct harvest *harvest, const struct json *display, struct buf *notices,
                     struct error *err)
{
    const struct json *type = json_get(display, "media_type");
    if (json_type_of(type) != JSON_STRING)
        return error_set(err, ERR_PROTOCOL, "the gateway sent a display without media_type");
    bool is_repl = harvest->options->command == OPTIONS_REPL;
    bool is_saved = harvest->folder >= 0 && is_wanted(harvest, json_string(type));
    unsigned before = harvest->displays_count;
    if ((is_repl && !is_saved) || !count_display(harvest, display) || !is_saved)
        return true;
    char name[DISPLAY_NAME_BYTES];
    struct buf plain;
    buf_init(&plain, CONTENT_MAX_BYTES);
    bool is_read = read_content(display, &plain, err);
    if (is_read) {
        struct bytes path = name_display(harvest, harvest->displays_count > before,
                                         ending_of(json_string(type)), name);
        save_display(harvest, path, buf_bytes(&plain), notices);
    }
    buf_release(&plain);
    return is_read;
}
