#include "displays.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/quota.h"

/* The most packets of one pump: a quarter of a MiB. */
#define READS_PER_PUMP 64

static const char *const MEDIA_TYPES[] = {
    [DISPLAY_PNG] = "image/png",
    [DISPLAY_SVG] = "image/svg+xml",
    [DISPLAY_HTML] = "text/html",
    [DISPLAY_JSON] = "application/json",
};

struct packet {
    uint64_t name, offset;
    uint8_t form;
    bool is_last;
    struct bytes content;
};

void displays_init(struct displays *displays, int fd, uint64_t cap_bytes)
{
    if (cap_bytes > ARTIFACT_CONTENT_MAX_BYTES)
        cap_bytes = ARTIFACT_CONTENT_MAX_BYTES;
    *displays =
        (struct displays){.fd = fd, .left_bytes = cap_bytes, .left_count = QUOTA_ARTIFACTS_MAX};
    buf_init(&displays->content, (size_t)cap_bytes);
    if (fd >= 0 && cap_bytes == 0) {
        close(fd);
        displays->fd = -1;
    }
}

static uint64_t big_endian(const uint8_t *from, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | from[i];
    return value;
}

static bool parse(struct bytes data, struct packet *packet)
{
    if (data.len < DISPLAY_HEADER_BYTES)
        return false;
    *packet = (struct packet){
        .name = big_endian(data.data, 8),
        .offset = big_endian(data.data + 8, 4),
        .form = data.data[12],
        .is_last = data.data[13] == 1,
        .content = bytes_of(data.data + DISPLAY_HEADER_BYTES, data.len - DISPLAY_HEADER_BYTES),
    };
    return packet->form >= DISPLAY_PNG && packet->form <= DISPLAY_JSON && data.data[13] <= 1 &&
           data.data[14] == 0 && data.data[15] == 0;
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
    displays->is_open = displays->left_count > 0;
    displays->name = packet->name;
    displays->form = (enum display_form)packet->form;
    return displays->is_open;
}

static bool pass_on(struct displays *displays, struct buf *pending, uint64_t run_id)
{
    size_t mark;
    const struct artifact artifact = {
        .media_type = bytes_of_string(MEDIA_TYPES[displays->form]),
        .content = buf_bytes(&displays->content),
        .size_bytes = displays->content.len,
    };
    if (!wire_begin(pending, WIRE_DISPLAY, run_id, &mark) ||
        !wire_finish(pending, mark, artifact_encode(pending, &artifact)))
        return false;
    displays->left_bytes -= artifact.size_bytes;
    displays->left_count--;
    drop(displays);
    return true;
}

/* Returns false when memory is out. */
static bool take(struct displays *displays, struct bytes data, struct buf *pending, uint64_t run_id)
{
    struct packet packet;
    if (!parse(data, &packet) || !belongs(displays, &packet) ||
        displays->content.len + packet.content.len > displays->left_bytes) {
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
