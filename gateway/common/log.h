/* log.h - the log: each event is one line on stderr, as JSON, or as text on a terminal
 * (MAYFLY_LOG).
 *
 * A line never contains code, output, keys or other bytes from clients. An event has a name
 * (snake_case, listed in deploy/docs/events.md) and fields. A line is written by one write(2). If
 * stderr would block or is closed, the line is dropped and counted.
 *
 *   log_event(LOG_INFO, "run_ended", LOG_RUN(id), LOG_STR("verdict", name), LOG_END);
 */
#ifndef MAYFLY_LOG_H
#define MAYFLY_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

struct log_field {
    const char *name; /* NULL ends the list */
    enum { LOG_FIELD_STR, LOG_FIELD_U64, LOG_FIELD_I64, LOG_FIELD_RUN, LOG_FIELD_PERCENT } kind;
    union {
        const char *string; /* sanitised, and cut after 640 bytes; NULL is logged as null */
        uint64_t u64;       /* RUN: printed as 16 hex digits; PERCENT: as a ratio from 0 to 1 */
        int64_t i64;
    };
};

#define LOG_STR(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_STR, .string = (v)})
#define LOG_U64(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_U64, .u64 = (v)})
#define LOG_I64(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_I64, .i64 = (v)})
#define LOG_RUN(v) ((struct log_field){.name = "run_id", .kind = LOG_FIELD_RUN, .u64 = (v)})
#define LOG_PERCENT(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_PERCENT, .u64 = (v)})
#define LOG_END ((struct log_field){.name = NULL})

/* Call once per process, before its first event. `role` ("front", …) is part of every line; it is
 * borrowed for the life of the process. */
void log_init(const char *role, enum log_format format, enum log_level least);

#define log_event(level, name, ...)                                                                \
    log_event_fields((level), (name), (const struct log_field[]){__VA_ARGS__})
void log_event_fields(enum log_level level, const char *event, const struct log_field *fields);

#endif
