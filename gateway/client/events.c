#include "client/events.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void events_init(struct events *events, size_t max_bytes)
{
    *events = (struct events){.has_data = false};
    buf_init(&events->line, max_bytes);
    buf_init(&events->data, max_bytes);
}

void events_release(struct events *events)
{
    buf_release(&events->line);
    buf_release(&events->data);
}

static bool put_data(struct events *events, struct bytes value)
{
    if (events->has_data && !buf_append(&events->data, "\n", 1))
        return false;
    events->has_data = true;
    return buf_append(&events->data, value.data, value.len);
}

static bool put_name(struct events *events, struct bytes value)
{
    if (value.len > EVENTS_NAME_MAX || memchr(value.data, 0, value.len))
        return false;
    memcpy(events->name, value.data, value.len);
    events->name[value.len] = '\0';
    return true;
}

/* Parse a line, not empty, of the form "field: value", "field:value", "field" or ": comment". */
static bool take_field(struct events *events, struct bytes line)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);
    const uint8_t *end = line.data + line.len;
    const uint8_t *value = colon ? colon + 1 : end;
    if (value < end && *value == ' ')
        value++;
    struct bytes name = bytes_of(line.data, colon ? (size_t)(colon - line.data) : line.len);
    if (bytes_equal_string(name, "data"))
        return put_data(events, bytes_of(value, (size_t)(end - value)));
    if (bytes_equal_string(name, "event"))
        return put_name(events, bytes_of(value, (size_t)(end - value)));
    return true;
}

static struct bytes without_mark(struct events *events, struct bytes line)
{
    size_t len = strlen(BYTE_ORDER_MARK);
    bool is_first = !events->has_begun;
    events->has_begun = true;
    if (is_first && line.len >= len && memcmp(line.data, BYTE_ORDER_MARK, len) == 0)
        return bytes_of(line.data + len, line.len - len);
    return line;
}

/* Complete an event at an empty line. Without data there is no event; its name is forgotten. */
static enum events_result end_event(struct events *events, struct event *event)
{
    events->is_told = true;
    if (!events->has_data)
        return EVENTS_MORE;
    *event = (struct event){.name = events->name[0] ? events->name : "message",
                            .data = buf_bytes(&events->data)};
    return EVENTS_EVENT;
}

static enum events_result end_line(struct events *events, struct event *event)
{
    struct bytes line = without_mark(events, buf_bytes(&events->line));
    bool is_good = line.len == 0 || take_field(events, line);
    buf_consume(&events->line, events->line.len);
    if (!is_good)
        return EVENTS_BAD;
    return line.len == 0 ? end_event(events, event) : EVENTS_MORE;
}

static void forget_told(struct events *events)
{
    if (!events->is_told)
        return;
    events->is_told = events->has_data = false;
    events->name[0] = '\0';
    buf_consume(&events->data, events->data.len);
}

static void drop(struct bytes *rest, size_t len)
{
    *rest = bytes_of(rest->data + len, rest->len - len);
}

/* Returns the number of bytes before the first line end, or of all bytes if there is none. */
static size_t line_len(struct bytes rest)
{
    const uint8_t *lf = memchr(rest.data, '\n', rest.len);
    size_t len = lf ? (size_t)(lf - rest.data) : rest.len;
    const uint8_t *cr = memchr(rest.data, '\r', len);
    return cr ? (size_t)(cr - rest.data) : len;
}

enum events_result events_next(struct events *events, struct bytes *rest, struct event *event)
{
    while (rest->len > 0) {
        forget_told(events);
        bool is_second_half = events->after_cr && rest->data[0] == '\n';
        events->after_cr = false;
        if (is_second_half) {
            drop(rest, 1);
            continue;
        }
        size_t len = line_len(*rest);
        if (!buf_append(&events->line, rest->data, len))
            return EVENTS_BAD;
        drop(rest, len);
        if (rest->len == 0)
            break;
        events->after_cr = rest->data[0] == '\r';
        drop(rest, 1);
        enum events_result result = end_line(events, event);
        if (result != EVENTS_MORE)
            return result;
    }
    return EVENTS_MORE;
}
