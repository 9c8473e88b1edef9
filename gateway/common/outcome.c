#include "common/outcome.h"

#include <string.h>

bool outcome_encode(struct buf *out, const struct outcome *outcome)
{
    size_t before = out->len;
    bool ok = wire_put_u64(out, WIRE_TAG_VERDICT, (uint64_t)outcome->verdict) &&
              wire_put_u64(out, WIRE_TAG_EXIT_CODE, (uint64_t)outcome->exit_code) &&
              wire_put_u64(out, WIRE_TAG_SIGNAL, (uint64_t)outcome->signal) &&
              wire_put_u64(out, WIRE_TAG_WALL_NS, outcome->wall_ns) &&
              wire_put_u64(out, WIRE_TAG_CPU_NS, outcome->cpu_ns) &&
              wire_put_u64(out, WIRE_TAG_PEAK_MEMORY_BYTES, outcome->peak_memory_bytes) &&
              wire_put_u64(out, WIRE_TAG_OOM_KILLS, outcome->oom_kills) &&
              wire_put_u64(out, WIRE_TAG_PIDS_REFUSED, outcome->pids_refused_count) &&
              wire_put_u64(out, WIRE_TAG_INODES_LIMIT, outcome->inodes_limit) &&
              wire_put_u64(out, WIRE_TAG_ROOM_BYTES, outcome->room_bytes) &&
              wire_put_u64(out, WIRE_TAG_LEFT_OUT_COUNT, outcome->left_out_count) &&
              (outcome->generation == 0 ||
               (wire_put_u64(out, WIRE_TAG_GENERATION, outcome->generation) &&
                wire_put_u64(out, WIRE_TAG_DROPPED_BYTES, outcome->dropped_bytes))) &&
              wire_put_u64(out, WIRE_TAG_STDOUT_BYTES, outcome->out.total_bytes) &&
              wire_put_u64(out, WIRE_TAG_STDERR_BYTES, outcome->err.total_bytes) &&
              wire_put_u64(out, WIRE_TAG_STDOUT_KEPT_BYTES, outcome->out.kept_bytes) &&
              wire_put_u64(out, WIRE_TAG_STDERR_KEPT_BYTES, outcome->err.kept_bytes) &&
              wire_put(out, WIRE_TAG_TEXT, outcome->text, strlen(outcome->text));
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

/* One bit for each required field. TEXT is optional. */
enum {
    SEEN_VERDICT = 1 << 0,
    SEEN_EXIT_CODE = 1 << 1,
    SEEN_SIGNAL = 1 << 2,
    SEEN_WALL = 1 << 3,
    SEEN_CPU = 1 << 4,
    SEEN_OUT = 1 << 5,
    SEEN_ERR = 1 << 6,
    SEEN_OUT_KEPT = 1 << 7,
    SEEN_ERR_KEPT = 1 << 8,
    SEEN_ALL = (1 << 9) - 1,
};

static bool take_ranged(struct bytes value, uint64_t least, uint64_t most, int *number)
{
    uint64_t wide;
    if (!wire_get_u64(value, &wide) || wide < least || wide > most)
        return false;
    *number = (int)wide;
    return true;
}

static bool take_field(struct outcome *outcome, uint16_t tag, struct bytes value, unsigned *seen)
{
    int verdict;
    switch (tag) {
    case WIRE_TAG_VERDICT:
        *seen |= SEEN_VERDICT;
        if (!take_ranged(value, VERDICT_EXITED, VERDICT_CPU_TIME, &verdict))
            return false;
        outcome->verdict = (enum verdict)verdict;
        return true;
    case WIRE_TAG_EXIT_CODE:
        *seen |= SEEN_EXIT_CODE;
        return take_ranged(value, 0, 255, &outcome->exit_code);
    case WIRE_TAG_SIGNAL:
        *seen |= SEEN_SIGNAL;
        return take_ranged(value, 0, 64, &outcome->signal);
    case WIRE_TAG_GENERATION:
        return wire_get_u64(value, &outcome->generation);
    case WIRE_TAG_DROPPED_BYTES:
        return wire_get_u64(value, &outcome->dropped_bytes);
    case WIRE_TAG_WALL_NS:
        *seen |= SEEN_WALL;
        return wire_get_u64(value, &outcome->wall_ns);
    case WIRE_TAG_CPU_NS:
        *seen |= SEEN_CPU;
        return wire_get_u64(value, &outcome->cpu_ns);
    case WIRE_TAG_PEAK_MEMORY_BYTES:
        return wire_get_u64(value, &outcome->peak_memory_bytes);
    case WIRE_TAG_OOM_KILLS:
        return wire_get_u64(value, &outcome->oom_kills);
    case WIRE_TAG_PIDS_REFUSED:
        return wire_get_u64(value, &outcome->pids_refused_count);
    case WIRE_TAG_INODES_LIMIT:
        return wire_get_u64(value, &outcome->inodes_limit);
    case WIRE_TAG_ROOM_BYTES:
        return wire_get_u64(value, &outcome->room_bytes);
    case WIRE_TAG_STDOUT_BYTES:
        *seen |= SEEN_OUT;
        return wire_get_u64(value, &outcome->out.total_bytes);
    case WIRE_TAG_STDERR_BYTES:
        *seen |= SEEN_ERR;
        return wire_get_u64(value, &outcome->err.total_bytes);
    case WIRE_TAG_STDOUT_KEPT_BYTES:
        *seen |= SEEN_OUT_KEPT;
        return wire_get_u64(value, &outcome->out.kept_bytes);
    case WIRE_TAG_STDERR_KEPT_BYTES:
        *seen |= SEEN_ERR_KEPT;
        return wire_get_u64(value, &outcome->err.kept_bytes);
    case WIRE_TAG_LEFT_OUT_COUNT:
        return wire_get_u64(value, &outcome->left_out_count);
    case WIRE_TAG_TEXT:
        if (value.len >= sizeof outcome->text)
            return false;
        memcpy(outcome->text, value.data, value.len);
        outcome->text[value.len] = '\0';
        return true;
    default:
        return true;
    }
}

/* Returns true if the members of an outcome do not contradict each other. */
static bool is_consistent(const struct outcome *o)
{
    bool by_signal = o->verdict == VERDICT_SIGNALED || o->verdict == VERDICT_OOM;
    return by_signal == (o->signal != 0) && (o->verdict == VERDICT_EXITED || o->exit_code == 0) &&
           o->out.kept_bytes <= o->out.total_bytes && o->err.kept_bytes <= o->err.total_bytes;
}

bool outcome_decode(struct bytes payload, struct outcome *outcome, struct error *err)
{
    struct outcome read = {0};
    unsigned seen = 0;
    struct bytes rest = payload;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&rest, &tag, &value)) {
        if (!take_field(&read, tag, value, &seen))
            return error_set(err, ERR_PROTOCOL, "end frame: field %u is out of range",
                             (unsigned)tag);
    }
    if (rest.len != 0 || seen != SEEN_ALL)
        return error_set(err, ERR_PROTOCOL, "end frame: a field is missing or cut off");
    if (!is_consistent(&read))
        return error_set(err, ERR_PROTOCOL, "end frame: the fields contradict each other");
    *outcome = read;
    return true;
}

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_EXITED:
        return "exited";
    case VERDICT_SIGNALED:
        return "signaled";
    case VERDICT_TIMEOUT:
        return "timeout";
    case VERDICT_OOM:
        return "oom";
    case VERDICT_LOST:
        return "lost";
    case VERDICT_CPU_TIME:
        return "cpu_time";
    }
    return "unknown";
}
