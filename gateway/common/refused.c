#include "common/refused.h"

#include <string.h>

bool refused_encode(struct buf *out, const struct error *why, uint32_t retry_ms)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_KIND, (uint64_t)why->kind) &&
              wire_put(out, WIRE_TAG_TEXT, why->text, strlen(why->text)) &&
              wire_put_u64(out, WIRE_TAG_RETRY_MS, retry_ms);
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

bool refused_decode(struct bytes payload, struct error *why, uint32_t *retry_ms)
{
    uint64_t kind = ERR_NONE, retry = 0;
    struct bytes value, text = {0};
    uint16_t tag;
    while (wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_KIND && !wire_get_u64(value, &kind))
            return false;
        if (tag == WIRE_TAG_RETRY_MS && !wire_get_u64(value, &retry))
            return false;
        if (tag == WIRE_TAG_TEXT)
            text = value;
    }
    if (payload.len > 0 || kind <= ERR_NONE || kind >= ERROR_KINDS_COUNT || retry > UINT32_MAX)
        return false;
    int len = text.len < sizeof why->text ? (int)text.len : (int)sizeof why->text - 1;
    error_set(why, (enum error_kind)kind, "%.*s", len, len > 0 ? (const char *)text.data : "");
    *retry_ms = (uint32_t)retry;
    return true;
}
