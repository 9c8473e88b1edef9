#include "common/session.h"

#include <string.h>

/* ---- names ---- */

const char *session_reason_name(enum session_reason reason)
{
    static const char *const names[SESSION_REASONS_COUNT] = {
        [SESSION_ENDED_NOT] = "none",
        [SESSION_IDLE_TIMEOUT] = "idle_timeout",
        [SESSION_MAX_LIFETIME] = "max_lifetime",
        [SESSION_MEMORY_LIMIT] = "memory_limit",
        [SESSION_CRASHED] = "crashed",
        [SESSION_DELETED] = "deleted",
        [SESSION_ENGINE_LOST] = "engine_lost",
        [SESSION_GATEWAY_RESTART] = "gateway_restart",
        [SESSION_EVICTED] = "evicted",
    };
    return names[reason];
}

const char *session_state_name(enum session_state state)
{
    static const char *const names[] = {
        [SESSION_IDLE] = "idle", [SESSION_BUSY] = "busy", [SESSION_GONE] = "gone"};
    return names[state];
}

/* ---- fields ---- */

static bool copy_text(char *to, size_t size, struct bytes value)
{
    if (value.len >= size || (value.len && memchr(value.data, 0, value.len)))
        return false;
    bytes_copy_cut(to, size, value);
    return true;
}

static bool get_u32(struct bytes value, uint32_t *number)
{
    uint64_t wide;
    if (!wire_get_u64(value, &wide) || wide > UINT32_MAX)
        return false;
    *number = (uint32_t)wide;
    return true;
}

static bool get_ranged(struct bytes value, int least, int most, int *number)
{
    uint64_t wide;
    if (!wire_get_u64(value, &wide) || wide < (uint64_t)least || wide > (uint64_t)most)
        return false;
    *number = (int)wide;
    return true;
}

/* ---- notices ---- */

static bool put_times(struct buf *out, const struct session_notice *notice)
{
    return wire_put_u64(out, WIRE_TAG_SESSION_MS, notice->life_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_IDLE_MS, notice->idle_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_CREATED_MS, notice->created_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_EXPIRES_MS, notice->expires_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_IDLE_EXPIRES_MS, notice->idle_expires_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_ENDED_MS, notice->ended_ms) &&
           wire_put_u64(out, WIRE_TAG_SESSION_FORGOTTEN_MS, notice->forgotten_ms);
}

static bool put_box(struct buf *out, const struct session_notice *notice)
{
    return wire_put(out, WIRE_TAG_RUNTIME, notice->runtime, strlen(notice->runtime)) &&
           wire_put_u64(out, WIRE_TAG_MEMORY_BYTES, notice->limits.memory_bytes) &&
           wire_put_u64(out, WIRE_TAG_CPU_MILLIS, notice->limits.cpu_millis) &&
           wire_put_u64(out, WIRE_TAG_PIDS, notice->limits.pids) &&
           wire_put_u64(out, WIRE_TAG_SESSION_CELLS, notice->cells_count) &&
           wire_put_u64(out, WIRE_TAG_GENERATION, notice->generation) &&
           wire_put_u64(out, WIRE_TAG_PEAK_MEMORY_BYTES, notice->peak_memory_bytes);
}

bool session_notice_encode(struct buf *out, const struct session_notice *notice)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_SESSION_STATE, (uint64_t)notice->state) &&
              wire_put_u64(out, WIRE_TAG_SESSION_REASON, (uint64_t)notice->reason) &&
              wire_put(out, WIRE_TAG_OWNER, notice->owner, strlen(notice->owner)) &&
              wire_put(out, WIRE_TAG_SESSION_NAME, notice->name, strlen(notice->name)) &&
              put_times(out, notice) && put_box(out, notice) &&
              wire_put(out, WIRE_TAG_EXECUTION, notice->execution, strlen(notice->execution)) &&
              (notice->record.len == 0 ||
               wire_put(out, WIRE_TAG_SESSION_RECORD, notice->record.data, notice->record.len));
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

static bool take_fate(struct session_notice *notice, uint16_t tag, struct bytes value)
{
    int number;
    if (tag == WIRE_TAG_SESSION_STATE) {
        if (!get_ranged(value, SESSION_IDLE, SESSION_GONE, &number))
            return false;
        notice->state = (enum session_state)number;
    } else {
        if (!get_ranged(value, SESSION_ENDED_NOT, SESSION_REASONS_COUNT - 1, &number))
            return false;
        notice->reason = (enum session_reason)number;
    }
    return true;
}

/* Skips tags of later versions. Returns false when the value is out of range. */
static bool take_field(struct session_notice *notice, uint16_t tag, struct bytes value)
{
    switch (tag) {
    case WIRE_TAG_SESSION_STATE:
    case WIRE_TAG_SESSION_REASON:
        return take_fate(notice, tag, value);
    case WIRE_TAG_OWNER:
        return copy_text(notice->owner, sizeof notice->owner, value);
    case WIRE_TAG_SESSION_NAME:
        return copy_text(notice->name, sizeof notice->name, value);
    case WIRE_TAG_RUNTIME:
        return copy_text(notice->runtime, sizeof notice->runtime, value);
    case WIRE_TAG_EXECUTION:
        return copy_text(notice->execution, sizeof notice->execution, value);
    case WIRE_TAG_MEMORY_BYTES:
        return wire_get_u64(value, &notice->limits.memory_bytes);
    case WIRE_TAG_CPU_MILLIS:
        return get_u32(value, &notice->limits.cpu_millis);
    case WIRE_TAG_PIDS:
        return get_u32(value, &notice->limits.pids);
    case WIRE_TAG_SESSION_MS:
        return get_u32(value, &notice->life_ms);
    case WIRE_TAG_SESSION_IDLE_MS:
        return get_u32(value, &notice->idle_ms);
    case WIRE_TAG_SESSION_CREATED_MS:
        return wire_get_u64(value, &notice->created_ms);
    case WIRE_TAG_SESSION_EXPIRES_MS:
        return wire_get_u64(value, &notice->expires_ms);
    case WIRE_TAG_SESSION_IDLE_EXPIRES_MS:
        return wire_get_u64(value, &notice->idle_expires_ms);
    case WIRE_TAG_SESSION_ENDED_MS:
        return wire_get_u64(value, &notice->ended_ms);
    case WIRE_TAG_SESSION_FORGOTTEN_MS:
        return wire_get_u64(value, &notice->forgotten_ms);
    case WIRE_TAG_SESSION_CELLS:
        return wire_get_u64(value, &notice->cells_count);
    case WIRE_TAG_GENERATION:
        return wire_get_u64(value, &notice->generation);
    case WIRE_TAG_PEAK_MEMORY_BYTES:
        return wire_get_u64(value, &notice->peak_memory_bytes);
    case WIRE_TAG_SESSION_RECORD:
        notice->record = value;
        return value.len <= JOB_SESSION_RECORD_MAX_BYTES;
    default:
        return true;
    }
}

bool session_notice_decode(struct bytes payload, struct session_notice *notice, struct error *err)
{
    struct session_notice read = {0};
    uint16_t tag;
    struct bytes value;
    while (wire_next(&payload, &tag, &value)) {
        if (!take_field(&read, tag, value))
            return error_set(err, ERR_PROTOCOL, "session frame: field %u is out of range",
                             (unsigned)tag);
    }
    bool is_known = read.state != SESSION_GONE || read.reason != SESSION_ENDED_NOT;
    bool is_named = read.name[0] != '\0' && read.runtime[0] != '\0';
    if (payload.len != 0 || read.state == 0 || (is_known && !is_named) ||
        (read.state != SESSION_GONE && read.reason != SESSION_ENDED_NOT))
        return error_set(err, ERR_PROTOCOL, "session frame: a field is missing or cut off");
    *notice = read;
    return true;
}

/* ---- orders ---- */

bool session_order_encode(struct buf *out, const struct session_order *order)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_SESSION_DEED, (uint64_t)order->deed) &&
              wire_put_u64(out, WIRE_TAG_SESSION_IDLE_MS, order->idle_ms) &&
              wire_put(out, WIRE_TAG_EXECUTION, order->execution, strlen(order->execution));
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

bool session_order_decode(struct bytes payload, struct session_order *order, struct error *err)
{
    struct session_order read = {0};
    int deed = 0;
    uint16_t tag;
    struct bytes value;
    bool ok = true;
    while (ok && wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_SESSION_DEED)
            ok = get_ranged(value, SESSION_END, SESSION_INTERRUPT, &deed);
        else if (tag == WIRE_TAG_SESSION_IDLE_MS)
            ok = get_u32(value, &read.idle_ms);
        else if (tag == WIRE_TAG_EXECUTION)
            ok = copy_text(read.execution, sizeof read.execution, value);
    }
    if (!ok || payload.len != 0 || deed == 0)
        return error_set(err, ERR_PROTOCOL, "session frame: a field is missing or out of range");
    read.deed = (enum session_deed)deed;
    *order = read;
    return true;
}
