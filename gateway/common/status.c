#include "common/status.h"

#include <stdio.h>
#include <string.h>

bool status_encode(struct buf *out, const struct status *status)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_READY, status->ready) &&
              wire_put(out, WIRE_TAG_TEXT, status->reason, strlen(status->reason)) &&
              wire_put_u64(out, WIRE_TAG_RETRY_MS, status->retry_ms);
    for (size_t i = 0; ok && i < status->counters_count; i++) {
        const struct status_counter *c = &status->counters[i];
        ok = wire_put(out, WIRE_TAG_COUNTER_NAME, c->name, strlen(c->name)) &&
             wire_put_u64(out, WIRE_TAG_COUNTER_VALUE, c->value);
    }
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

static void copy_cut(char *to, size_t size, struct bytes value)
{
    size_t len = value.len < size ? value.len : size - 1;
    memcpy(to, value.data, len);
    to[len] = '\0';
}

bool status_decode(struct bytes payload, struct status *status, struct error *err)
{
    struct status read = {0};
    bool seen_ready = false;
    char name[sizeof(read.counters[0].name)] = "";
    struct bytes rest = payload;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&rest, &tag, &value)) {
        uint64_t number = 0;
        bool is_number =
            tag == WIRE_TAG_READY || tag == WIRE_TAG_RETRY_MS || tag == WIRE_TAG_COUNTER_VALUE;
        if (is_number && !wire_get_u64(value, &number))
            return error_set(err, ERR_PROTOCOL, "status frame: field %u is no number",
                             (unsigned)tag);
        if (tag == WIRE_TAG_READY) {
            seen_ready = true;
            read.ready = number != 0;
        } else if (tag == WIRE_TAG_RETRY_MS) {
            read.retry_ms = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
        } else if (tag == WIRE_TAG_TEXT) {
            copy_cut(read.reason, sizeof(read.reason), value);
        } else if (tag == WIRE_TAG_COUNTER_NAME) {
            copy_cut(name, sizeof(name), value);
        } else if (tag == WIRE_TAG_COUNTER_VALUE) {
            status_count(&read, name, number);
        }
    }
    if (rest.len != 0 || !seen_ready)
        return error_set(err, ERR_PROTOCOL, "status frame: a field is missing or cut off");
    *status = read;
    return true;
}

void status_count(struct status *status, const char *name, uint64_t value)
{
    if (status->counters_count == STATUS_COUNTERS_MAX)
        return;
    struct status_counter *c = &status->counters[status->counters_count++];
    snprintf(c->name, sizeof(c->name), "%s", name);
    c->value = value;
}
