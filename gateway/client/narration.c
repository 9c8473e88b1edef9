#include "client/narration.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "client/ending.h"
#include "client/verdict.h"
#include "common/notice.h"
#include "common/base64.h"

#define CHUNK_MAX_BYTES ((size_t)256 << 20)
#define NOTICES_MAX_BYTES ((size_t)64 << 10)

typedef bool take_data(struct narration *narration, struct bytes data, const struct json *value,
                       struct error *err);

static bool put(struct narration *narration, int fd, struct bytes bytes, struct error *err)
{
    if (bytes.len > 0)
        narration->is_mid_line = bytes.data[bytes.len - 1] != '\n';
    return relay_put(narration->relay, fd, bytes) ||
           error_set(err, ERR_SYSTEM, "too much output waits to be written");
}

/* Print notices for the user. When the queue is full, they are dropped. */
static void put_notices(struct narration *narration, struct buf *notices)
{
    relay_put(narration->relay, STDERR_FILENO, buf_bytes(notices));
    buf_release(notices);
}

/* ---- one function for each event ---- */

/* An id that cannot be part of a URL is not kept. */
static bool take_queued(struct narration *narration, struct bytes data, const struct json *value,
                        struct error *err)
{
    struct bytes id = json_string(json_get(value, "id"));
    bool is_plain = id.len > 0 && id.len <= NARRATION_ID_MAX;
    (void)data;
    (void)err;
    for (size_t i = 0; is_plain && i < id.len; i++)
        is_plain = isalnum(id.data[i]);
    if (is_plain)
        bytes_copy_cut(narration->run, sizeof(narration->run), id);
    return true;
}

static bool take_started(struct narration *narration, struct bytes data, const struct json *value,
                         struct error *err)
{
    (void)data;
    (void)value;
    (void)err;
    narration->state = NARRATION_STARTED;
    return true;
}

/* Write output at once. With --json it is part of the result, and not written here. */
static bool take_output(struct narration *narration, int fd, const struct json *value,
                        struct error *err)
{
    if (json_type_of(value) != JSON_STRING)
        return error_set(err, ERR_PROTOCOL, "the gateway sent output that is not a string");
    if (narration->options->json)
        return true;
    struct buf plain;
    struct bytes text = json_string(value);
    buf_init(&plain, CHUNK_MAX_BYTES);
    bool is_taken =
        base64_decode(&plain, (const char *)text.data, text.len)
            ? put(narration, fd, buf_bytes(&plain), err)
            : error_set(err, ERR_PROTOCOL, "the gateway sent output that is not base64");
    buf_release(&plain);
    return is_taken;
}

static bool take_stdout(struct narration *narration, struct bytes data, const struct json *value,
                        struct error *err)
{
    (void)data;
    return take_output(narration, STDOUT_FILENO, value, err);
}

static bool take_stderr(struct narration *narration, struct bytes data, const struct json *value,
                        struct error *err)
{
    (void)data;
    return take_output(narration, STDERR_FILENO, value, err);
}

static bool take_file(struct narration *narration, struct bytes data, const struct json *value,
                      struct error *err)
{
    struct buf notices;
    (void)data;
    buf_init(&notices, NOTICES_MAX_BYTES);
    bool is_taken = harvest_file(&narration->harvest, value, &notices, err);
    put_notices(narration, &notices);
    return is_taken;
}

/* Print the text form of a cell's display. */
static bool put_display_text(struct narration *narration, const struct json *display,
                             struct error *err)
{
    if (narration->options->json)
        return true;
    struct buf text;
    buf_init(&text, CHUNK_MAX_BYTES);
    bool is_put = harvest_display_text(display, &text, err) &&
                  put(narration, STDOUT_FILENO, buf_bytes(&text), err);
    buf_release(&text);
    return is_put;
}

static bool take_display(struct narration *narration, struct bytes data, const struct json *value,
                         struct error *err)
{
    struct buf notices;
    (void)data;
    buf_init(&notices, NOTICES_MAX_BYTES);
    bool is_taken = harvest_display(&narration->harvest, value, &notices, err) &&
                    put_display_text(narration, value, err);
    put_notices(narration, &notices);
    return is_taken;
}

/* Print the line of a finished test. With --json it is part of the result. */
static bool take_test(struct narration *narration, struct bytes data, const struct json *value,
                      struct error *err)
{
    struct buf line;
    (void)data;
    if (narration->options->json)
        return true;
    buf_init(&line, NOTICES_MAX_BYTES);
    bool is_taken =
        verdict_put_test(&line, value, err) && put(narration, STDOUT_FILENO, buf_bytes(&line), err);
    buf_release(&line);
    return is_taken;
}

static bool take_verdict(struct narration *narration, struct bytes data, const struct json *value,
                         struct error *err)
{
    struct buf line;
    buf_init(&line, NOTICES_MAX_BYTES);
    bool is_json = narration->options->json;
    bool is_taken = verdict_put_all(&line, value, &narration->exit_code, err) &&
                    put(narration, STDOUT_FILENO, is_json ? data : buf_bytes(&line), err) &&
                    (!is_json || put(narration, STDOUT_FILENO, bytes_of("\n", 1), err));
    buf_release(&line);
    if (is_taken)
        narration->state = NARRATION_ENDED;
    return is_taken;
}

static void note_displays(const struct narration *narration, struct buf *notices)
{
    const struct options *options = narration->options;
    unsigned count = narration->harvest.displays_count;
    if (count > 0 && !options->directory && !options->json && options->command != OPTIONS_REPL)
        notice_add(notices, "%u display%s not saved; -o DIR saves them", count,
                   count == 1 ? " was" : "s were");
}

/* Handle the result. Exit code 0 promises that the program succeeded, and that its output and the
 * requested files are complete. */
static bool take_result(struct narration *narration, struct bytes data, const struct json *value,
                        struct error *err)
{
    struct buf notices;
    if (verdict_is_in(value))
        return take_verdict(narration, data, value, err);
    buf_init(&notices, NOTICES_MAX_BYTES);
    struct ending ending;
    bool is_taken = ending_read(value, &ending, &notices, err);
    if (is_taken && narration->options->json)
        is_taken = put(narration, STDOUT_FILENO, data, err) &&
                   put(narration, STDOUT_FILENO, bytes_of("\n", 1), err);
    if (is_taken) {
        bool is_incomplete = narration->harvest.is_incomplete || ending.is_cut;
        narration->exit_code =
            ending.exit_code == 0 && is_incomplete ? EXIT_TROUBLE : ending.exit_code;
        narration->generation = ending.generation;
        narration->has_lost_state = ending.has_lost_state;
        narration->state = NARRATION_ENDED;
        note_displays(narration, &notices);
    }
    put_notices(narration, &notices);
    return is_taken;
}

static bool take_error(struct narration *narration, struct bytes data, const struct json *value,
                       struct error *err)
{
    (void)value;
    (void)err;
    refusal_read(&narration->refusal, 0, data);
    narration->state = NARRATION_REFUSED;
    return true;
}

static const struct {
    const char *name;
    take_data *take;
} takers[] = {
    {"queued", take_queued}, {"started", take_started}, {"stdout", take_stdout},
    {"stderr", take_stderr}, {"file", take_file},       {"display", take_display},
    {"result", take_result}, {"error", take_error},     {"test", take_test},
};

bool narration_take(struct narration *narration, const struct event *event, struct error *err)
{
    size_t i = 0, count = sizeof(takers) / sizeof(takers[0]);
    while (i < count && strcmp(takers[i].name, event->name) != 0)
        i++;
    if (i == count)
        return true;
    /* set by a failure; a JSON null is returned as NULL, too */
    struct error why = {.kind = ERR_NONE};
    struct json *value = json_parse(event->data.data, event->data.len, &why);
    if (!value && why.kind != ERR_NONE)
        return error_set(err, ERR_PROTOCOL, "the gateway's %s event is not JSON: %s",
                         takers[i].name, why.text);
    bool is_taken = takers[i].take(narration, event->data, value, err);
    json_free(value);
    return is_taken;
}
