/* Checks the client's reading of a gateway's event stream. Split into pieces of any size, the
 * stream must give the same events, none above the size limits. Handling any event must end with a
 * valid exit code or an error.
 */
#include "fuzz.h"

#include "client/narration.h"
#include "common/notice.h"

#define EVENT_MAX_BYTES 512

static void note(struct buf *told, const struct event *event)
{
    must(strlen(event->name) <= EVENTS_NAME_MAX && event->data.len <= EVENT_MAX_BYTES);
    must(buf_printf(told, "%s=%zu:", event->name, event->data.len));
    must(buf_append(told, event->data.data, event->data.len));
}

static struct buf events_of(struct bytes data, size_t step)
{
    struct buf told;
    struct events events;
    struct event event;
    enum events_result result = EVENTS_MORE;
    buf_init(&told, 64 * data.len + 64);
    events_init(&events, EVENT_MAX_BYTES);
    for (size_t at = 0; at < data.len && result != EVENTS_BAD; at += step) {
        size_t len = data.len - at < step ? data.len - at : step;
        struct bytes rest = bytes_of(data.data + at, len);
        while ((result = events_next(&events, &rest, &event)) == EVENTS_EVENT)
            note(&told, &event);
        must(result == EVENTS_BAD || rest.len == 0);
    }
    must(result != EVENTS_BAD || buf_append_string(&told, "!"));
    events_release(&events);
    return told;
}

static void check_ending(const struct narration *narration)
{
    if (narration->state == NARRATION_ENDED)
        must(narration->exit_code >= 0 && narration->exit_code <= 255);
    if (narration->state == NARRATION_REFUSED)
        must(narration->refusal.status >= 100 && narration->refusal.status <= 599);
}

/* Handle each event as if it were the first, so that no event depends on an earlier one. */
static void act(struct bytes data, bool json)
{
    const struct options options = {.json = json};
    struct relay relay;
    struct events events;
    struct event event;
    struct bytes rest = data;
    relay_init(&relay, 1 << 20);
    events_init(&events, EVENT_MAX_BYTES);
    while (events_next(&events, &rest, &event) == EVENTS_EVENT) {
        struct error why = {.kind = ERR_NONE};
        struct narration narration = {
            .options = &options, .relay = &relay, .harvest = {.options = &options, .folder = -1}};
        must(narration_take(&narration, &event, &why) == (why.kind == ERR_NONE));
        check_ending(&narration);
        refusal_release(&narration.refusal);
    }
    events_release(&events);
    relay_release(&relay);
}

/* Check that a notice made of these bytes is one line and has no control characters. */
static void check_notice(struct bytes data)
{
    struct buf line;
    buf_init(&line, 1 << 16);
    notice_add(&line, "%.*s", (int)data.len, (const char *)data.data);
    for (size_t i = 0; i + 1 < line.len; i++)
        must(line.data[i] >= 0x20 && line.data[i] != 0x7f);
    must(line.len > 0 && line.data[line.len - 1] == '\n');
    buf_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const size_t steps[] = {1, 2, 3, 7, 100};
    struct bytes all = bytes_of(data, len);
    struct buf whole = events_of(all, len + 1);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct buf told = events_of(all, steps[i]);
        must(same_bytes(buf_bytes(&told), buf_bytes(&whole)));
        buf_release(&told);
    }
    buf_release(&whole);
    act(all, false);
    act(all, true);
    if (len > 0)
        check_notice(all);
    return 0;
}
