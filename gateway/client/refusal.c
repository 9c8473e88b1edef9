#include "client/refusal.h"

#include <string.h>

#include "common/notice.h"
#include "common/json.h"
#include "common/utf8.h"

#define FIELDS_MAX_BYTES ((size_t)64 << 10)

/* Copy the member's text, cut to `size` and at its first NUL; "" if it is not a string. */
static void copy_text(char *to, size_t size, const struct json *object, const char *name)
{
    struct bytes text = json_string(json_get(object, name));
    size_t len = text.len < size ? text.len : utf8_cut(text.data, size - 1);
    if (len > 0)
        memcpy(to, text.data, len);
    to[len] = '\0';
}

static void read_fields(struct refusal *refusal, const struct json *errors)
{
    for (size_t i = 0; i < json_array_len(errors); i++) {
        const struct json *entry = json_array_at(errors, i);
        char field[128], message[256];
        copy_text(field, sizeof(field), entry, "field");
        copy_text(message, sizeof(message), entry, "message");
        notice_add(&refusal->fields, "  %s%s%s", field, field[0] ? ": " : "", message);
    }
}

static void read_problem(struct refusal *refusal, const struct json *problem)
{
    int64_t status;
    if (refusal->status == 0 && json_integer(json_get(problem, "status"), &status) &&
        status >= 100 && status <= 599)
        refusal->status = (long)status;
    copy_text(refusal->code, sizeof(refusal->code), problem, "code");
    copy_text(refusal->detail, sizeof(refusal->detail), problem, "detail");
    copy_text(refusal->reason, sizeof(refusal->reason), problem, "reason");
    read_fields(refusal, json_get(problem, "errors"));
}

void refusal_read(struct refusal *refusal, long status, struct bytes body)
{
    *refusal = (struct refusal){.status = status};
    buf_init(&refusal->fields, FIELDS_MAX_BYTES);
    struct json *problem = json_parse(body.data, body.len, NULL);
    if (problem)
        read_problem(refusal, problem);
    json_free(problem);
    if (refusal->status == 0)
        refusal->status = 500;
}

void refusal_release(struct refusal *refusal)
{
    buf_release(&refusal->fields);
}

bool refusal_is_of_busy_session(const struct refusal *refusal)
{
    return refusal->status == 409 && strcmp(refusal->code, "session_busy") == 0;
}

bool refusal_is_passing(const struct refusal *refusal)
{
    /* A place for a session becomes free when one ends, and a person decides that. */
    bool is_limit = strcmp(refusal->code, "session_limit") == 0;
    return (refusal->status == 429 && !is_limit) || refusal->status == 503 ||
           refusal_is_of_busy_session(refusal);
}

static bool has_ended(const struct refusal *refusal)
{
    return refusal->status == 410 && strcmp(refusal->code, "session_gone") == 0;
}

bool refusal_is_of_session(const struct refusal *refusal)
{
    bool is_unknown = refusal->status == 404 && strcmp(refusal->code, "session_unknown") == 0;
    return has_ended(refusal) || is_unknown;
}

void refusal_describe(const struct refusal *refusal, struct buf *notices)
{
    bool has_code = refusal->code[0] != '\0', has_detail = refusal->detail[0] != '\0';
    if (has_ended(refusal))
        notice_add(notices, "the session has ended (%s)%s%s",
                   refusal->reason[0] ? refusal->reason : "unknown", has_detail ? ": " : "",
                   refusal->detail);
    else
        notice_add(notices, "the gateway answered %ld%s%s%s%s", refusal->status,
                   has_code ? " " : "", refusal->code, has_detail ? ": " : "", refusal->detail);
    struct bytes fields = buf_bytes(&refusal->fields);
    buf_append(notices, fields.data, fields.len);
    if (refusal->status == 401)
        notice_add(notices,
                   "  --key-file FILE, or MAYFLY_KEY_FILE, names the file that holds the key");
}
