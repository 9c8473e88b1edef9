#include "client/session.h"

#include <ctype.h>
#include <string.h>

#define PATH_SHOWN_MAX_BYTES ((size_t)8 << 10)

/* ---- reading ---- */

/* Copy a text of visible ASCII characters; "" for null, where that is allowed. */
static bool take_word(const struct json *value, const char *name, bool may_be_null, char *to,
                      size_t size, struct error *err)
{
    const struct json *member = json_get(value, name);
    struct bytes text = json_string(member);
    bool is_good = json_type_of(member) == JSON_STRING && text.len > 0 && text.len < size;
    for (size_t i = 0; is_good && i < text.len; i++)
        is_good = isgraph(text.data[i]);
    to[0] = '\0';
    if (is_good)
        bytes_copy_cut(to, size, text);
    return is_good || (may_be_null && json_type_of(member) == JSON_NULL) ||
           error_set(err, ERR_PROTOCOL, "the gateway sent a session without a valid \"%s\"", name);
}

static bool take_count(const struct json *value, const char *name, int64_t *count,
                       struct error *err)
{
    return (json_integer(json_get(value, name), count) && *count >= 0) ||
           error_set(err, ERR_PROTOCOL, "the gateway sent a session without a valid \"%s\"", name);
}

static bool take_seconds(const struct json *value, const char *name, double *seconds,
                         struct error *err)
{
    const struct json *member = json_get(value, name);
    if (json_type_of(member) != JSON_NUMBER)
        return error_set(err, ERR_PROTOCOL, "the gateway sent a session without a valid \"%s\"",
                         name);
    *seconds = json_number(member);
    return true;
}

bool session_read(struct session *session, const struct json *value, struct error *err)
{
    struct session read = {.executions = 0};
    if (!take_word(value, "id", false, read.id, sizeof(read.id), err) ||
        !take_word(value, "state", false, read.state, sizeof(read.state), err) ||
        !take_word(value, "runtime", false, read.runtime, sizeof(read.runtime), err) ||
        !take_word(value, "expires_at", false, read.expires_at, sizeof(read.expires_at), err) ||
        !take_word(value, "idle_expires_at", true, read.idle_expires_at,
                   sizeof(read.idle_expires_at), err) ||
        !take_count(value, "executions", &read.executions, err) ||
        !take_count(value, "generation", &read.generation, err) ||
        !take_seconds(value, "idle_timeout", &read.idle_timeout_s, err) ||
        !take_seconds(value, "max_lifetime", &read.max_lifetime_s, err))
        return false;
    if (!job_is_session_name(bytes_of_string(read.id)))
        return error_set(err, ERR_PROTOCOL, "the gateway's session has a bad id");
    *session = read;
    return true;
}

/* ---- paths ---- */

/* Append the text. Percent-encode every byte except ASCII letters, digits and "-._~/". */
static bool put_encoded(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_plain =
            (text.data[i] < 0x80 && isalnum(text.data[i])) || strchr("-._~/", text.data[i]);
        if (text.data[i] == '\0' || !is_plain ? !buf_printf(out, "%%%02X", text.data[i])
                                              : !buf_append(out, &text.data[i], 1))
            return false;
    }
    return true;
}

bool session_put_path(struct buf *out, const char *id, const char *below)
{
    return buf_printf(out, SESSIONS_PATH "/%s%s", id, below) && buf_append(out, "", 1);
}

bool session_put_file_path(struct buf *out, const char *id, struct bytes file)
{
    return buf_printf(out, SESSIONS_PATH "/%s/files/", id) && put_encoded(out, file) &&
           buf_append(out, "", 1);
}

bool session_put_list_path(struct buf *out, const char *id, const char *glob)
{
    return buf_printf(out, SESSIONS_PATH "/%s/files?glob=", id) &&
           put_encoded(out, bytes_of_string(glob ? glob : "**")) && buf_append(out, "", 1);
}

/* ---- lists ---- */

static bool put_row(struct buf *out, const struct json *value, struct error *err)
{
    struct session session = {.executions = 0};
    if (!session_read(&session, value, err))
        return false;
    return buf_printf(out, "%-24s %-7s %-14s %6lld %11lld  %s\n", session.id, session.state,
                      session.runtime, (long long)session.executions, (long long)session.generation,
                      session.idle_expires_at[0] ? session.idle_expires_at : session.expires_at) ||
           error_set(err, ERR_PROTOCOL, "the gateway's list is too long");
}

bool session_put_table(struct buf *out, const struct json *list, struct error *err)
{
    const struct json *sessions = json_get(list, "sessions");
    if (json_type_of(sessions) != JSON_ARRAY)
        return error_set(err, ERR_PROTOCOL, "the gateway's answer is no list of sessions");
    size_t before = out->len;
    bool is_put = buf_printf(out, "%-24s %-7s %-14s %6s %11s  %s\n", "ID", "STATE", "RUNTIME",
                             "CELLS", "GENERATION", "ENDS") ||
                  error_set(err, ERR_SYSTEM, "out of memory");
    for (size_t i = 0; is_put && i < json_array_len(sessions); i++)
        is_put = put_row(out, json_array_at(sessions, i), err);
    if (!is_put)
        buf_truncate(out, before);
    return is_put;
}

/* Append the path as the inside of a JSON string: one line, without control characters. */
static bool put_shown(struct buf *out, struct bytes path)
{
    struct buf quoted;
    struct json_out json;
    buf_init(&quoted, PATH_SHOWN_MAX_BYTES);
    json_begin(&json, &quoted);
    json_put_string(&json, path.data, path.len);
    bool is_put = json.ok && buf_append(out, buf_bytes(&quoted).data + 1, quoted.len - 2);
    buf_release(&quoted);
    return is_put;
}

static bool put_file(struct buf *out, const struct json *file, struct error *err)
{
    int64_t size_bytes;
    const struct json *path = json_get(file, "path");
    bool is_put = json_type_of(path) == JSON_STRING &&
                  json_integer(json_get(file, "size_bytes"), &size_bytes) && size_bytes >= 0 &&
                  buf_printf(out, "%12lld  ", (long long)size_bytes) &&
                  put_shown(out, json_string(path)) && buf_append_string(out, "\n");
    return is_put ||
           error_set(err, ERR_PROTOCOL, "the gateway's list has an entry that is no file");
}

bool session_put_files(struct buf *out, const struct json *list, bool *is_cut, struct error *err)
{
    const struct json *files = json_get(list, "files");
    if (json_type_of(files) != JSON_ARRAY)
        return error_set(err, ERR_PROTOCOL, "the gateway's answer is no list of files");
    size_t before = out->len;
    bool is_put = true;
    for (size_t i = 0; is_put && i < json_array_len(files); i++)
        is_put = put_file(out, json_array_at(files, i), err);
    if (!is_put)
        buf_truncate(out, before);
    if (is_put)
        *is_cut = json_bool(json_get(list, "truncated"));
    return is_put;
}
