/* log.c - see log.h.
 *
 * A line is at most PIPE_BUF bytes. A pipe that poll(2) calls writable accepts that much at once.
 * So a write after such a poll neither blocks nor is split, even when several processes share the
 * pipe. A field without space is omitted. stderr stays blocking: other processes may share it.
 *
 *   {"ts":"2024-05-01T12:00:00.123Z","level":"info","role":"front","event":"drained"}
 *   12:00:00.123 info    front  drained
 */
#include "common/log.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/timestamp.h"

#define LINE_MAX_BYTES PIPE_BUF
#define LINE_END_MAX_BYTES 8 /* for the end of a line: "}", the colour's end, "\n" */
#define STRING_MAX_BYTES 640
#define PERCENT_NS UINT64_C(10000000) /* json_put_seconds writes a ratio as well */

static struct {
    const char *role;
    enum log_level least;
    bool text;
    bool colour;
} logger = {.role = "mayfly", .least = LOG_INFO};

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

static const char *const level_colours[] = {
    [LOG_DEBUG] = "\033[2m",
    [LOG_INFO] = "",
    [LOG_WARNING] = "\033[33m",
    [LOG_ERROR] = "\033[31m",
};

void log_init(const char *role, enum log_format format, enum log_level least)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    logger.role = role;
    logger.least = least;
    logger.text = format == LOG_FORMAT_TEXT || (format == LOG_FORMAT_AUTO && terminal);
    logger.colour = logger.text && terminal && !getenv("NO_COLOR");
}

static size_t string_len(const char *string)
{
    return strnlen(string, STRING_MAX_BYTES);
}

static void put_run_id(struct json_out *json, uint64_t id)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)id);
    json_put_text(json, hex);
}

static void put_value(struct json_out *json, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_FIELD_STR:
        if (field->string)
            json_put_string(json, (const uint8_t *)field->string, string_len(field->string));
        else
            json_put_null(json);
        break;
    case LOG_FIELD_U64:
        json_put_uint(json, field->u64);
        break;
    case LOG_FIELD_I64:
        json_put_int(json, field->i64);
        break;
    case LOG_FIELD_RUN:
        put_run_id(json, field->u64);
        break;
    case LOG_FIELD_PERCENT:
        json_put_seconds(json, field->u64 * PERCENT_NS);
        break;
    }
}

/* ---- JSON ---- */

static bool put_json_field(struct buf *line, const struct log_field *field)
{
    struct json_out json = {.out = line, .ok = true, .comma = true};
    json_key(&json, field->name);
    put_value(&json, field);
    return json.ok;
}

static void begin_json(struct buf *line, enum log_level level, const char *event)
{
    char time[TIMESTAMP_BYTES];
    timestamp_format(time, clock_wall_ms());
    struct json_out json;
    json_begin(&json, line);
    json_open(&json, '{');
    json_key(&json, "ts");
    json_put_text(&json, time);
    json_key(&json, "level");
    json_put_text(&json, level_names[level]);
    json_key(&json, "role");
    json_put_text(&json, logger.role);
    json_key(&json, "event");
    json_put_text(&json, event);
}

/* ---- text ---- */

static bool is_plain_word(const char *string)
{
    if (*string == '\0')
        return false;
    for (; *string; string++) {
        if (*string <= ' ' || *string > '~' || *string == '"' || *string == '=')
            return false;
    }
    return true;
}

/* Write name=value. A string that is not one plain word is written as JSON, quoted and escaped. So
 * no byte of it acts on the terminal or imitates another field. */
static bool put_text_field(struct buf *line, const struct log_field *field)
{
    if (!buf_printf(line, " %s=", field->name))
        return false;
    bool string = field->kind == LOG_FIELD_STR && field->string;
    if (string && is_plain_word(field->string))
        return buf_append(line, field->string, string_len(field->string));
    if (field->kind == LOG_FIELD_RUN)
        return buf_printf(line, "%016llx", (unsigned long long)field->u64);
    struct json_out json;
    json_begin(&json, line);
    put_value(&json, field);
    return json.ok;
}

static void begin_text(struct buf *line, enum log_level level, const char *event)
{
    char time[TIMESTAMP_BYTES];
    timestamp_format(time, clock_wall_ms());
    const char *clock_time = strchr(time, 'T') + 1;
    buf_printf(line, "%s%.12s %-7s %-6s %-20s", logger.colour ? level_colours[level] : "",
               clock_time, level_names[level], logger.role, event);
}

/* ---- a line ---- */

static void put_fields(struct buf *line, const struct log_field *fields)
{
    for (; fields->name; fields++) {
        size_t before = line->len;
        bool put = logger.text ? put_text_field(line, fields) : put_json_field(line, fields);
        if (!put)
            buf_truncate(line, before);
    }
}

static void write_line(struct buf *line)
{
    struct pollfd writable = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT))
        buf_write_fd(line, STDERR_FILENO);
}

void log_event_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    if (level < logger.least)
        return;
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES - LINE_END_MAX_BYTES);
    if (logger.text)
        begin_text(&line, level, event);
    else
        begin_json(&line, level, event);
    put_fields(&line, fields);
    line.max_bytes = LINE_MAX_BYTES;
    const char *text_end = logger.colour ? "\033[0m\n" : "\n";
    buf_append_string(&line, logger.text ? text_end : "}\n");
    write_line(&line);
    buf_release(&line);
}
