#include "front/dialects/mcp_progress.h"

#include "common/clock.h"
#include "common/json.h"
#include "front/api/sse.h"

#define NS_PER_US UINT64_C(1000) /* the resolution of the seconds that are written */

/* Returns the progress of the next notification: it must increase each time. */
static uint64_t next_ns(struct mcp_progress *progress)
{
    uint64_t ns = clock_now_ns() - progress->began_ns;
    if (ns < progress->told_ns + NS_PER_US)
        ns = progress->told_ns + NS_PER_US;
    progress->told_ns = ns;
    return ns;
}

static bool put(struct mcp_progress *progress, struct buf *out, struct bytes message)
{
    struct json_out json;
    if (!sse_open(out, 0, "message"))
        return false;
    json_begin(&json, out);
    json_open(&json, '{');
    json_member_text(&json, "jsonrpc", "2.0");
    json_member_text(&json, "method", "notifications/progress");
    json_key(&json, "params");
    json_open(&json, '{');
    json_key(&json, "progressToken");
    json.ok = json.ok && buf_append_string(out, progress->token);
    json.comma = true;
    json_member_seconds(&json, "progress", next_ns(progress));
    json_key(&json, "message");
    json_put_string(&json, message.data, message.len);
    json_close(&json, '}');
    json_close(&json, '}');
    return json.ok && sse_close(out);
}

/* Remember the last line of output that is not empty. */
static void note_output(struct mcp_progress *progress, struct bytes output)
{
    for (size_t i = 0; i < output.len; i++) {
        uint8_t byte = output.data[i];
        if (byte == '\n') {
            progress->is_ended = true;
            continue;
        }
        if (progress->is_ended)
            progress->line_len = 0;
        progress->is_ended = false;
        if (progress->line_len < sizeof progress->line)
            progress->line[progress->line_len++] = byte;
    }
}

bool mcp_progress_put_entry(struct mcp_progress *progress, struct buf *out, const struct said *said)
{
    switch (said->kind) {
    case SAID_QUEUED:
        return put(progress, out, bytes_of_string("Waiting for a sandbox"));
    case SAID_STARTED:
        return put(progress, out, bytes_of_string("Running"));
    case SAID_STDOUT:
    case SAID_STDERR:
        note_output(progress, said->output);
        break;
    case SAID_EXHIBIT:
    case SAID_REPORT:
    case SAID_END:
        break;
    }
    return true;
}

bool mcp_progress_put_beat(struct mcp_progress *progress, struct buf *out,
                           const struct transcript *transcript)
{
    struct bytes message = bytes_of(progress->line, progress->line_len);
    if (message.len == 0)
        message = bytes_of_string(transcript->has_started ? "Running" : "Waiting for a sandbox");
    return put(progress, out, message);
}
