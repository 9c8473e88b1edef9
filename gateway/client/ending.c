#include "client/ending.h"

#include <string.h>

#include "common/notice.h"

#define SIGNAL_MOST 64
#define SHOWN_MAX 400

/* The relevant members of the result. */
struct reading {
    int exit_code;
    struct bytes signal, reason, message; /* empty where null */
    bool is_cut[2];                       /* stdout, stderr */
    double total_bytes[2];
    bool has_lost_state; /* of a cell of a session */
    int64_t generation, dropped_bytes;
};

static bool take_string(const struct json *answer, const char *name, struct bytes *text,
                        struct error *err)
{
    const struct json *value = json_get(answer, name);
    if (json_type_of(value) != JSON_NULL && json_type_of(value) != JSON_STRING)
        return error_set(err, ERR_PROTOCOL, "the gateway's answer has the wrong type for %s: %s",
                         name, json_type_name(json_type_of(value)));
    if (json_type_of(value) == JSON_STRING)
        *text = json_string(value);
    return true;
}

static bool take_stream(const struct json *answer, const char *truncated, const char *bytes,
                        bool *is_cut, double *total_bytes, struct error *err)
{
    const struct json *flag = json_get(answer, truncated), *count = json_get(answer, bytes);
    if (json_type_of(flag) != JSON_BOOL || json_type_of(count) != JSON_NUMBER)
        return error_set(err, ERR_PROTOCOL, "the gateway's answer does not have %s or %s",
                         truncated, bytes);
    *is_cut = json_bool(flag);
    *total_bytes = json_number(count);
    return true;
}

/* Read the result's return code: an exit code from 0 to 255, or -1 to -64 for a signal. */
static bool take_return_code(const struct json *answer, bool must_be_zero, int *exit_code,
                             struct error *err)
{
    int64_t code;
    if (!json_integer(json_get(answer, "return_code"), &code) || code < -SIGNAL_MOST ||
        code > 255 || (code == 0) != must_be_zero)
        return error_set(err, ERR_PROTOCOL,
                         "the gateway's answer has no return_code that fits its status");
    *exit_code = code < 0 ? EXIT_BY_SIGNAL - (int)code : (int)code;
    return true;
}

static bool take_status(const struct json *answer, int *exit_code, struct error *err)
{
    struct bytes status = {.len = 0};
    if (!take_string(answer, "status", &status, err))
        return false;
    if (bytes_equal_string(status, "success") || bytes_equal_string(status, "error"))
        return take_return_code(answer, bytes_equal_string(status, "success"), exit_code, err);
    if (bytes_equal_string(status, "timeout"))
        *exit_code = EXIT_TIMEOUT;
    else if (bytes_equal_string(status, "failed"))
        *exit_code = EXIT_TROUBLE;
    else
        return error_set(err, ERR_PROTOCOL, "the gateway's answer has no known status");
    return true;
}

/* The answer to a cell of a session has a member about the session. */
static bool take_session(const struct json *answer, struct reading *reading, struct error *err)
{
    const struct json *session = json_get(answer, "session");
    const struct json *lost = json_get(session, "state_lost");
    if (json_type_of(session) == JSON_NULL)
        return true;
    if (json_type_of(lost) != JSON_BOOL ||
        !json_integer(json_get(session, "generation"), &reading->generation) ||
        !json_integer(json_get(session, "dropped_bytes"), &reading->dropped_bytes))
        return error_set(err, ERR_PROTOCOL, "the gateway's answer describes its session wrongly");
    reading->has_lost_state = json_bool(lost);
    return true;
}

static int shown_len(struct bytes text)
{
    return (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX);
}

/* Returns true if our own notices about cut output already say what the gateway's message says. */
static bool is_told_below(const struct reading *reading)
{
    static const char cut[] = "Output is cut";
    return (reading->is_cut[0] || reading->is_cut[1]) && reading->message.len >= strlen(cut) &&
           memcmp(reading->message.data, cut, strlen(cut)) == 0;
}

static void describe(const struct reading *reading, struct buf *notices)
{
    static const char *const names[] = {"stdout", "stderr"};
    if (reading->message.len > 0 && !is_told_below(reading))
        notice_add(notices, "%.*s", shown_len(reading->message),
                   (const char *)reading->message.data);
    else if (reading->exit_code == EXIT_TROUBLE && reading->reason.len > 0)
        notice_add(notices, "the run was lost (%.*s)", shown_len(reading->reason),
                   (const char *)reading->reason.data);
    if (reading->signal.len > 0)
        notice_add(notices, "the program was killed by %.*s", shown_len(reading->signal),
                   (const char *)reading->signal.data);
    for (size_t i = 0; i < 2; i++)
        if (reading->is_cut[i])
            notice_add(
                notices,
                "%s is cut: the program wrote %.0f bytes; a larger --max-output may keep more",
                names[i], reading->total_bytes[i]);
}

/* State is never lost silently. */
static void describe_session(const struct reading *reading, struct buf *notices)
{
    if (reading->has_lost_state)
        notice_add(notices,
                   "the session has lost its state: a new interpreter was started (generation "
                   "%lld); files remain",
                   (long long)reading->generation);
    if (reading->dropped_bytes > 0)
        notice_add(notices, "%lld bytes that were written while no cell ran were dropped",
                   (long long)reading->dropped_bytes);
}

bool ending_read(const struct json *answer, struct ending *ending, struct buf *notices,
                 struct error *err)
{
    struct reading reading = {.exit_code = 0};
    if (json_type_of(answer) != JSON_OBJECT)
        return error_set(err, ERR_PROTOCOL, "the gateway's answer is not a JSON object");
    if (!take_status(answer, &reading.exit_code, err) ||
        !take_string(answer, "signal", &reading.signal, err) ||
        !take_string(answer, "reason", &reading.reason, err) ||
        !take_string(answer, "message", &reading.message, err) ||
        !take_stream(answer, "stdout_truncated", "stdout_bytes", &reading.is_cut[0],
                     &reading.total_bytes[0], err) ||
        !take_stream(answer, "stderr_truncated", "stderr_bytes", &reading.is_cut[1],
                     &reading.total_bytes[1], err) ||
        !take_session(answer, &reading, err))
        return false;
    describe(&reading, notices);
    describe_session(&reading, notices);
    ending->is_cut = bytes_equal_string(reading.reason, "output_limit") || reading.is_cut[0] ||
                     reading.is_cut[1];
    ending->exit_code = reading.exit_code;
    ending->generation = reading.generation;
    ending->has_lost_state = reading.has_lost_state;
    return true;
}
