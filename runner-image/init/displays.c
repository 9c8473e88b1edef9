#include "displays.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/quota.h"

/* Most packets that one pump reads: together 256 KiB. */
#define READS_PER_PUMP 64

static const char *const MEDIA_TYPES[] = {
    [DISPLAY_PNG] = "image/png",   [DISPLAY_SVG] = "image/svg+xml",
    [DISPLAY_HTML] = "text/html",  [DISPLAY_JSON] = "application/json",
    [DISPLAY_TEXT] = "text/plain", [DISPLAY_ERROR] = ARTIFACT_ERROR_MEDIA_TYPE,
};

struct packet {
    uint64_t name, offset;
    uint8_t form, flags;
    bool is_last;
    struct bytes content;
};

void displays_init(struct displays *displays, int fd, const struct job *job)
{
    uint64_t cap_bytes = job->displays_bytes;
    if (cap_bytes > ARTIFACT_CONTENT_MAX_BYTES)
        cap_bytes = ARTIFACT_CONTENT_MAX_BYTES;
    *displays = (struct displays){.fd = fd,
                                  .left_bytes = cap_bytes,
                                  .left_count = cap_bytes > 0 ? QUOTA_ARTIFACTS_MAX : 0,
                                  .is_of_cell = job->is_cell};
    bool may_fail = job->is_cell && cap_bytes < ARTIFACT_ERROR_MAX_BYTES;
    buf_init(&displays->content, may_fail ? ARTIFACT_ERROR_MAX_BYTES : (size_t)cap_bytes);
    /* A session's pipe is for its later cells, too. */
    if (fd >= 0 && cap_bytes == 0 && !job->is_cell && !job->session_ms) {
        close(fd);
        displays->fd = -1;
    }
}

void displays_attach(struct displays *displays, int fd)
{
    if (displays->fd >= 0)
        close(displays->fd);
    displays->fd = fd;
}

static uint64_t big_endian(const uint8_t *from, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | from[i];
    return value;
}

static bool is_form(const struct displays *displays, uint8_t form)
{
    return form >= DISPLAY_PNG && form <= (displays->is_of_cell ? DISPLAY_ERROR : DISPLAY_JSON);
}

static bool are_flags(const struct displays *displays, unsigned flags)
{
    unsigned known = displays->is_of_cell ? DISPLAY_IS_FURTHER_FORM | DISPLAY_IS_RESULT : 0;
    return (flags & ~known) == 0;
}

static bool parse(const struct displays *displays, struct bytes data, struct packet *packet)
{
    if (data.len < DISPLAY_HEADER_BYTES)
        return false;
    *packet = (struct packet){
        .name = big_endian(data.data, 8),
        .offset = big_endian(data.data + 8, 4),
        .form = data.data[12],
        .flags = data.data[15],
        .is_last = data.data[13] == 1,
        .content = bytes_of(data.data + DISPLAY_HEADER_BYTES, data.len - DISPLAY_HEADER_BYTES),
    };
    return is_form(displays, packet->form) && data.data[13] <= 1 && data.data[14] == 0 &&
           are_flags(displays, packet->flags);
}

static void drop(struct displays *displays)
{
    displays->is_open = false;
    buf_release(&displays->content);
}

static bool belongs(struct displays *displays, const struct packet *packet)
{
    if (packet->offset != 0)
        return displays->is_open && packet->name == displays->name &&
               packet->form == displays->form && packet->offset == displays->content.len;
    drop(displays);
    displays->is_open =
        packet->form == DISPLAY_ERROR ? !displays->has_error : displays->left_count > 0;
    displays->name = packet->name;
    displays->form = (enum display_form)packet->form;
    displays->flags = packet->flags;
    return displays->is_open;
}

/* Returns the number of the display that this form belongs to. A "further form" without an earlier
 * display counts as a new display. */
static uint32_t next_number(struct displays *displays)
{
    if (!displays->is_of_cell || displays->form == DISPLAY_ERROR)
        return 0;
    if (!(displays->flags & DISPLAY_IS_FURTHER_FORM) || displays->last_number == 0)
        displays->last_number++;
    return displays->last_number;
}

static void charge(struct displays *displays, uint64_t bytes)
{
    if (displays->form == DISPLAY_ERROR) {
        displays->has_error = true;
        return;
    }
    displays->left_bytes -= bytes;
    displays->left_count--;
}

static bool pass_on(struct displays *displays, struct buf *pending, uint64_t run_id)
{
    size_t mark;
    const struct artifact artifact = {
        .media_type = bytes_of_string(MEDIA_TYPES[displays->form]),
        .content = buf_bytes(&displays->content),
        .size_bytes = displays->content.len,
        .number = next_number(displays),
        .is_result = displays->form != DISPLAY_ERROR && (displays->flags & DISPLAY_IS_RESULT) != 0,
    };
    if (!wire_begin(pending, WIRE_DISPLAY, run_id, &mark) ||
        !wire_finish(pending, mark, artifact_encode(pending, &artifact)))
        return false;
    charge(displays, artifact.size_bytes);
    drop(displays);
    return true;
}

static uint64_t room_of(const struct displays *displays)
{
    return displays->form == DISPLAY_ERROR ? ARTIFACT_ERROR_MAX_BYTES : displays->left_bytes;
}

/* Returns false when memory is out. */
static bool take(struct displays *displays, struct bytes data, struct buf *pending, uint64_t run_id)
{
    struct packet packet;
    if (!parse(displays, data, &packet) || !belongs(displays, &packet) ||
        displays->content.len + packet.content.len > room_of(displays)) {
        drop(displays);
        return true;
    }
    if (!buf_append(&displays->content, packet.content.data, packet.content.len))
        return false;
    return !packet.is_last || pass_on(displays, pending, run_id);
}

bool displays_can_pump(const struct displays *displays, const struct upstream *up)
{
    return displays->fd >= 0 && upstream_has_room(up);
}

bool displays_pump(struct displays *displays, struct upstream *up, uint64_t run_id)
{
    displays->empty = false;
    for (int reads = 0; reads < READS_PER_PUMP && displays_can_pump(displays, up); reads++) {
        uint8_t data[DISPLAY_PACKET_BYTES];
        ssize_t len = read(displays->fd, data, sizeof data);
        if (len > 0) {
            if (!take(displays, bytes_of(data, (size_t)len), &up->pending, run_id))
                return false;
            continue;
        }
        displays->empty = true;
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        close(displays->fd);
        displays->fd = -1;
    }
    return true;
}

bool displays_are_drained(const struct displays *displays)
{
    return displays->fd < 0 || displays->empty;
}

uint64_t displays_discard(struct displays *displays)
{
    uint8_t data[DISPLAY_PACKET_BYTES];
    uint64_t bytes = 0;
    for (int reads = 0; displays->fd >= 0 && reads < READS_PER_PUMP; reads++) {
        ssize_t len = read(displays->fd, data, sizeof data);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (len <= 0) {
            close(displays->fd);
            displays->fd = -1;
            break;
        }
        bytes += (uint64_t)len;
    }
    return bytes;
}
