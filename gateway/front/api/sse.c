#include "front/api/sse.h"

#include "common/json.h"
#include "front/runs/answer.h"

bool sse_open(struct buf *out, uint64_t number, const char *name)
{
    if (number == 0)
        return buf_printf(out, "event: %s\ndata: ", name);
    return buf_printf(out, "id: %llu\nevent: %s\ndata: ", (unsigned long long)number, name);
}

bool sse_close(struct buf *out)
{
    return buf_append_string(out, "\n\n");
}

static const char *name_of(enum said_kind kind)
{
    static const char *const names[] = {[SAID_QUEUED] = "queued",
                                        [SAID_STARTED] = "started",
                                        [SAID_STDOUT] = "stdout",
                                        [SAID_STDERR] = "stderr"};
    return names[kind];
}

static void put_queued(struct json_out *json, const struct transcript *transcript)
{
    char id[ANSWER_ID_BYTES];
    json_open(json, '{');
    json_member_text(json, "id", answer_id(transcript, id));
    json_close(json, '}');
}

static void put_started(struct json_out *json, const struct transcript *transcript)
{
    json_open(json, '{');
    json_member_text(json, "start", answer_start(transcript));
    json_member_seconds(json, "queue_time", transcript->queue_ns);
    json_close(json, '}');
}

static bool write_data(struct buf *out, const struct transcript *transcript,
                       const struct said *said)
{
    struct json_out json;
    json_begin(&json, out);
    if (said->kind == SAID_QUEUED)
        put_queued(&json, transcript);
    else if (said->kind == SAID_STARTED)
        put_started(&json, transcript);
    else if (transcript->output_encoding == OUTPUT_BASE64)
        json_put_base64(&json, said->output.data, said->output.len);
    else
        json_put_string(&json, said->output.data, said->output.len);
    return json.ok;
}

bool sse_write(struct buf *out, const struct transcript *transcript, const struct said *said)
{
    size_t before = out->len;
    if (sse_open(out, said->number, name_of(said->kind)) && write_data(out, transcript, said) &&
        sse_close(out))
        return true;
    buf_truncate(out, before);
    return false;
}
