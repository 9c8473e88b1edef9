#include "client/verdict.h"

#include "client/ending.h"

#define SHOWN_MAX_BYTES 200

bool verdict_is_in(const struct json *result)
{
    return json_type_of(json_get(result, "tests")) == JSON_ARRAY;
}

/* Returns the member's text; empty if it has none. */
static struct bytes text_of(const struct json *object, const char *name)
{
    const struct json *value = json_get(object, name);
    struct bytes text =
        json_type_of(value) == JSON_STRING ? json_string(value) : bytes_of_string("");
    if (text.len > SHOWN_MAX_BYTES)
        text.len = SHOWN_MAX_BYTES;
    return text;
}

/* Append the text escaped as in a JSON string: one line without control characters. */
static bool put_escaped(struct buf *out, struct bytes text)
{
    struct buf quoted;
    struct json_out json;
    buf_init(&quoted, 6 * SHOWN_MAX_BYTES + 64);
    json_begin(&json, &quoted);
    json_put_string(&json, text.data, text.len);
    bool fine = json.ok && buf_append(out, buf_bytes(&quoted).data + 1, quoted.len - 2);
    buf_release(&quoted);
    return fine;
}

static bool put_shown(struct buf *out, const char *what, const struct json *difference,
                      const char *name)
{
    if (json_type_of(json_get(difference, name)) != JSON_STRING)
        return buf_printf(out, "%s nothing", what);
    return buf_printf(out, "%s \"", what) && put_escaped(out, text_of(difference, name)) &&
           buf_append_string(out, "\"");
}

static bool put_difference(struct buf *out, const struct json *difference)
{
    struct bytes path = text_of(difference, "path");
    return buf_append_string(out, ": ") && put_escaped(out, path) &&
           buf_printf(out, "%sline %.0f: ", path.len > 0 ? ", " : "",
                      json_number(json_get(difference, "line"))) &&
           put_shown(out, "expected", difference, "expected") &&
           put_shown(out, ", got", difference, "got");
}

/* Append the reason why a test did not pass. */
static bool put_cause(struct buf *out, const struct json *test)
{
    const struct json *difference = json_get(test, "difference");
    struct bytes message = text_of(test, "message");
    int64_t code;
    if (json_type_of(difference) == JSON_OBJECT)
        return json_type_of(json_get(difference, "line")) != JSON_NUMBER ||
               put_difference(out, difference);
    if (message.len > 0)
        return buf_append_string(out, ": ") && put_escaped(out, message);
    if (json_type_of(json_get(test, "return_code")) == JSON_NUMBER &&
        json_integer(json_get(test, "return_code"), &code) && code != 0)
        return buf_printf(out, ": exit code %lld", (long long)code);
    return true;
}

static bool put_time(struct buf *out, const struct json *test)
{
    const struct json *seconds = json_get(test, "execution_time");
    return json_type_of(seconds) != JSON_NUMBER ||
           buf_printf(out, " (%.3f s)", json_number(seconds));
}

bool verdict_put_test(struct buf *out, const struct json *test, struct error *err)
{
    struct bytes verdict = text_of(test, "verdict"), name = text_of(test, "name");
    const struct json *index = json_get(test, "index");
    if (verdict.len == 0 || json_type_of(index) != JSON_NUMBER)
        return error_set(err, ERR_PROTOCOL, "the gateway's test has no verdict or index");
    bool fine = put_escaped(out, verdict) && buf_append_string(out, " ");
    if (fine && name.len > 0)
        fine = put_escaped(out, name);
    else if (fine)
        fine = buf_printf(out, "%.0f", json_number(index));
    fine = fine && put_time(out, test);
    if (fine && !bytes_equal_string(verdict, "passed"))
        fine = put_cause(out, test);
    return (fine && buf_append_string(out, "\n")) ||
           error_set(err, ERR_SYSTEM, "too much output waits to be written");
}

static bool take_count(const struct json *result, const char *name, int64_t *count)
{
    const struct json *value = json_get(result, name);
    return json_type_of(value) == JSON_NUMBER && json_integer(value, count) && *count >= 0;
}

bool verdict_put_all(struct buf *out, const struct json *result, int *exit_code, struct error *err)
{
    int64_t passed, failed, not_run;
    struct bytes status = text_of(result, "status"), message = text_of(result, "message");
    if (status.len == 0 || !take_count(result, "passed", &passed) ||
        !take_count(result, "failed", &failed) || !take_count(result, "not_run", &not_run))
        return error_set(err, ERR_PROTOCOL, "the gateway's answer does not say how many passed");
    bool fine = buf_printf(out, "%lld passed, %lld failed, %lld not run", (long long)passed,
                           (long long)failed, (long long)not_run) &&
                (message.len == 0 || (buf_append_string(out, ": ") && put_escaped(out, message))) &&
                buf_append_string(out, "\n");
    if (!fine)
        return error_set(err, ERR_SYSTEM, "too much output waits to be written");
    if (bytes_equal_string(status, "success") && failed + not_run == 0)
        *exit_code = 0;
    else if (bytes_equal_string(status, "error"))
        *exit_code = EXIT_NOT_PASSED;
    else
        *exit_code = bytes_equal_string(status, "timeout") ? EXIT_TIMEOUT : EXIT_TROUBLE;
    return true;
}
