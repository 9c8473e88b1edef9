#include "streams.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/artifact.h"
#include "common/refused.h"

/* Most bytes of one read, in whole pages. With the stream number in front, a payload stays below 64
 * KiB. */
#define READ_BYTES ((size_t)60 << 10)
/* Most reads of one pump, so that a program that writes endlessly cannot keep us from other
 * events. */
#define READS_PER_PUMP 8
/* `pending` counts as full at this size. The reserve above it is for STARTED and END, which must
 * always fit, and for one artifact, which is appended whole. */
#define UPSTREAM_FULL_BYTES ((size_t)256 << 10)
#define UPSTREAM_RESERVE_BYTES (ARTIFACT_CONTENT_MAX_BYTES + ((size_t)8 << 10))

void upstream_init(struct upstream *up, int fd)
{
    up->fd = fd;
    buf_init(&up->pending, UPSTREAM_FULL_BYTES + UPSTREAM_RESERVE_BYTES);
}

bool upstream_send(struct upstream *up, enum wire_type type, uint64_t run_id)
{
    return wire_append(&up->pending, type, run_id, NULL, 0);
}

bool upstream_send_started(struct upstream *up, uint64_t run_id, bool cold, unsigned warmth)
{
    struct buf *out = &up->pending;
    size_t mark;
    return wire_begin(out, WIRE_STARTED, run_id, &mark) &&
           wire_finish(out, mark,
                       (!cold || wire_put_u64(out, WIRE_TAG_COLD, 1)) &&
                           wire_put_u64(out, WIRE_TAG_WARMTH, warmth));
}

bool upstream_send_outcome(struct upstream *up, uint64_t run_id, const struct outcome *outcome)
{
    struct buf *out = &up->pending;
    size_t mark;
    return wire_begin(out, WIRE_END, run_id, &mark) &&
           wire_finish(out, mark, outcome_encode(out, outcome));
}

bool upstream_send_refusal(struct upstream *up, uint64_t run_id, const struct error *why)
{
    struct buf *out = &up->pending;
    size_t mark;
    return wire_begin(out, WIRE_REFUSED, run_id, &mark) &&
           wire_finish(out, mark, refused_encode(out, why, 0));
}

bool upstream_send_gone(struct upstream *up, const char *word)
{
    struct buf *out = &up->pending;
    size_t mark;
    return wire_begin(out, WIRE_GONE, 0, &mark) &&
           wire_finish(out, mark, wire_put(out, WIRE_TAG_TEXT, word, strlen(word)));
}

bool upstream_has_room(const struct upstream *up)
{
    return up->pending.len + WIRE_HEADER_BYTES + 1 + READ_BYTES <= UPSTREAM_FULL_BYTES;
}

bool upstream_flush(struct upstream *up)
{
    if (up->pending.len == 0)
        return true;
    if (buf_write_fd(&up->pending, up->fd) < 0) {
        up->was_full = true;
        return errno == EAGAIN || errno == EINTR;
    }
    if (up->pending.len == 0 && up->pending.capacity > 2 * UPSTREAM_FULL_BYTES)
        buf_release(&up->pending);
    return true;
}

void output_init(struct output *output, int fd, enum wire_stream number, uint64_t cap_bytes)
{
    *output = (struct output){.fd = fd, .number = number, .cap_bytes = cap_bytes};
}

static bool is_capped(const struct output *output)
{
    return output->count.kept_bytes >= output->cap_bytes;
}

bool output_can_pump(const struct output *output, const struct upstream *up)
{
    return output->fd >= 0 && (is_capped(output) || upstream_has_room(up));
}

/* Handle a read that returned no bytes: len 0 is the end, -1 an error, or EAGAIN if the pipe is
 * empty. Closes the pipe at the end or on an error. Returns false, so that callers stop reading. */
static bool note_end(struct output *output, ssize_t len)
{
    output->empty = true;
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    close(output->fd);
    output->fd = -1;
    return false;
}

/* Read and drop output above the cap. Returns true if there may be more. */
static bool discard(struct output *output)
{
    static uint8_t waste[16 << 10];
    ssize_t len = read(output->fd, waste, sizeof waste);
    if (len <= 0)
        return note_end(output, len);
    output->count.total_bytes += (uint64_t)len;
    return true;
}

uint64_t output_discard(struct output *output)
{
    uint64_t before = output->count.total_bytes;
    for (int reads = 0; output->fd >= 0 && reads < READS_PER_PUMP && discard(output);)
        reads++;
    return output->count.total_bytes - before;
}

/* Read into a new OUTPUT frame in place. Without data, the frame is removed again. Bytes above the
 * cap are cut off. Sets *more if there may be more to read. Returns false when memory is out. */
static bool pass_on(struct output *output, struct buf *pending, uint64_t run_id, bool *more)
{
    size_t mark;
    const uint8_t number = (uint8_t)output->number;
    if (!wire_begin(pending, WIRE_OUTPUT, run_id, &mark))
        return false;
    if (!buf_append(pending, &number, 1) || !buf_reserve(pending, READ_BYTES)) {
        wire_abort(pending, mark);
        return false;
    }
    long len = buf_read_fd(pending, output->fd, READ_BYTES);
    if (len <= 0) {
        int read_errno = errno;
        wire_abort(pending, mark);
        errno = read_errno;
        *more = note_end(output, len);
        return true;
    }
    uint64_t room = output->cap_bytes - output->count.kept_bytes;
    uint64_t kept = (uint64_t)len < room ? (uint64_t)len : room;
    buf_truncate(pending, pending->len - (size_t)((uint64_t)len - kept));
    wire_end(pending, mark);
    output->count.total_bytes += (uint64_t)len;
    output->count.kept_bytes += kept;
    *more = true;
    return true;
}

bool output_pump(struct output *output, struct upstream *up, uint64_t run_id)
{
    bool more = true;
    output->empty = false;
    for (int reads = 0; more && reads < READS_PER_PUMP && output_can_pump(output, up); reads++) {
        if (is_capped(output))
            more = discard(output);
        else if (!pass_on(output, &up->pending, run_id, &more))
            return false;
    }
    return true;
}

bool output_is_drained(const struct output *output)
{
    return output->fd < 0 || output->empty;
}
