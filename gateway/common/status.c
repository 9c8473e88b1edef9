#include "common/status.h"

#include <string.h>

#include "common/sample.h"

bool status_encode(struct buf *out, const struct status *status)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_READY, status->ready) &&
              wire_put(out, WIRE_TAG_TEXT, status->reason, strlen(status->reason)) &&
              wire_put_u64(out, WIRE_TAG_RETRY_MS, status->retry_ms) &&
              wire_put(out, WIRE_TAG_SAMPLES, status->samples.data, status->samples.len);
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

static bool take_field(struct status *status, uint16_t tag, struct bytes value, bool *seen_ready)
{
    uint64_t number = 0;
    if ((tag == WIRE_TAG_READY || tag == WIRE_TAG_RETRY_MS) && !wire_get_u64(value, &number))
        return false;
    if (tag == WIRE_TAG_SAMPLES && value.len > SAMPLES_MAX_BYTES)
        return false;
    if (tag == WIRE_TAG_READY) {
        *seen_ready = true;
        status->ready = number != 0;
    } else if (tag == WIRE_TAG_RETRY_MS) {
        status->retry_ms = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
    } else if (tag == WIRE_TAG_TEXT) {
        bytes_copy_cut(status->reason, sizeof status->reason, value);
    } else if (tag == WIRE_TAG_SAMPLES) {
        status->samples = value;
    }
    return true;
}

bool status_decode(struct bytes payload, struct status *status, struct error *err)
{
    struct status read = {0};
    bool seen_ready = false;
    struct bytes rest = payload;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&rest, &tag, &value)) {
        if (!take_field(&read, tag, value, &seen_ready))
            return error_set(err, ERR_PROTOCOL, "status frame: field %u is malformed",
                             (unsigned)tag);
    }
    if (rest.len != 0 || !seen_ready)
        return error_set(err, ERR_PROTOCOL, "status frame: a field is missing or cut off");
    *status = read;
    return true;
}
