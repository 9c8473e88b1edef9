#include "front/api/session_query.h"

#include <string.h>

#include "common/glob.h"
#include "common/number.h"
#include "common/percent.h"
#include "front/api/request_files.h"
#include "front/http/problem.h"

static bool is_parameter(struct bytes part, const char *name, struct bytes *value)
{
    size_t len = strlen(name);
    if (part.len < len || memcmp(part.data, name, len) != 0)
        return false;
    *value = bytes_of(part.data + len, part.len - len);
    return true;
}

static void read_glob(struct bytes value, struct buf *glob, struct field_errors *errors)
{
    if (glob->len > 0 || !percent_decode_query(value, glob)) {
        field_errors_add(errors, "glob", "must be one percent-encoded glob");
        return;
    }
    const char *fault = glob_fault(request_path(buf_bytes(glob)));
    if (fault)
        field_errors_add(errors, "glob", "%s", fault);
}

static void read_queue_timeout(struct bytes value, uint32_t most_ms, uint32_t *queue_timeout_ms,
                               struct field_errors *errors)
{
    uint64_t millis;
    char most[NUMBER_MILLIS_BYTES];
    if (*queue_timeout_ms == 0 &&
        number_parse_millis((const char *)value.data, value.len, &millis) && millis >= 1 &&
        millis <= most_ms)
        *queue_timeout_ms = (uint32_t)millis;
    else
        field_errors_add(errors, "queue_timeout", "must be a number of seconds from 0.001 to %s",
                         number_format_millis(most, most_ms));
}

void session_query_read(struct bytes query, uint32_t most_ms, struct buf *glob,
                        uint32_t *queue_timeout_ms, struct field_errors *errors)
{
    *queue_timeout_ms = 0;
    while (query.len > 0) {
        const uint8_t *end = memchr(query.data, '&', query.len);
        size_t len = end ? (size_t)(end - query.data) : query.len;
        struct bytes part = bytes_of(query.data, len), value;
        size_t used = end ? len + 1 : len;
        query = bytes_of(query.data + used, query.len - used);
        if (glob && is_parameter(part, "glob=", &value))
            read_glob(value, glob, errors);
        else if (is_parameter(part, "queue_timeout=", &value))
            read_queue_timeout(value, most_ms, queue_timeout_ms, errors);
        else
            field_errors_add(errors, "", "the only query parameter%s of this path %squeue_timeout",
                             glob ? "s" : "", glob ? "are glob and " : "is ");
    }
}
