/* Checks the record of a program's output on two streams, added in pieces of any size. The events
 * of a stream together must give the text that the answer shows of it. A reader that follows from
 * the beginning and one that starts at the end must read the same.
 *
 * The input: a byte of options, then pieces: a byte with the stream and the length, then the bytes.
 */
#include "fuzz.h"

#include "common/utf8.h"
#include "front/api/sse.h"

#define CAP_BYTES 4096

struct reading {
    struct transcript_cursor cursor;
    struct buf out, err; /* the output of all events so far */
};

static void begin(struct reading *reading)
{
    *reading = (struct reading){.cursor = {0}};
    buf_init(&reading->out, 3 * CAP_BYTES);
    buf_init(&reading->err, 3 * CAP_BYTES);
}

static void finish(struct reading *reading)
{
    buf_release(&reading->out);
    buf_release(&reading->err);
}

static void read_on(struct reading *reading, const struct transcript *transcript)
{
    struct said said;
    struct buf event;
    buf_init(&event, SSE_EVENT_MAX_BYTES);
    while (transcript_next(transcript, &reading->cursor, &said)) {
        must(said.number == reading->cursor.number);
        must((said.kind == SAID_STDOUT || said.kind == SAID_STDERR) == (said.output.len > 0));
        if (said.output.len == 0)
            continue;
        struct buf *text = said.kind == SAID_STDOUT ? &reading->out : &reading->err;
        if (transcript->output_encoding == OUTPUT_UTF8)
            must(utf8_sanitize(text, said.output.data, said.output.len));
        else
            must(buf_append(text, said.output.data, said.output.len));
        must(sse_write(&event, transcript, &said));
        must(utf8_is_valid(event.data, event.len));
        must(memmem(event.data, event.len, "\n\n", 2) == event.data + event.len - 2);
        buf_truncate(&event, 0);
    }
    buf_release(&event);
}

/* Write the text that the answer shows of a stream. */
static void show(struct buf *shown, const struct transcript *transcript, enum wire_stream stream)
{
    bool is_out = stream == WIRE_STDOUT;
    struct bytes kept = buf_bytes(is_out ? &transcript->out.kept : &transcript->err.kept);
    buf_init(shown, 3 * CAP_BYTES);
    if (transcript->output_encoding == OUTPUT_BASE64) {
        must(buf_append(shown, kept.data, kept.len));
        return;
    }
    if (transcript_is_cut(transcript, stream))
        kept.len = utf8_cut(kept.data, kept.len);
    must(utf8_sanitize(shown, kept.data, kept.len));
}

static void compare(const struct transcript *transcript, const struct reading *reading)
{
    struct buf out, err;
    show(&out, transcript, WIRE_STDOUT);
    show(&err, transcript, WIRE_STDERR);
    must(same_bytes(buf_bytes(&out), buf_bytes(&reading->out)));
    must(same_bytes(buf_bytes(&err), buf_bytes(&reading->err)));
    must(reading->cursor.is_at_end);
    buf_release(&out);
    buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > CAP_BYTES)
        return 0;
    const struct job job = {.output_bytes = CAP_BYTES};
    uint64_t beyond_bytes = data[0] >> 1 & 1;
    struct transcript transcript;
    struct reading follower, late;
    transcript_init(&transcript, &job, data[0] & 1 ? OUTPUT_BASE64 : OUTPUT_UTF8);
    begin(&follower);
    begin(&late);
    for (size_t at = 1; at < len;) {
        enum wire_stream stream = data[at] & 1 ? WIRE_STDOUT : WIRE_STDERR;
        size_t piece = data[at++] >> 1;
        piece = piece < len - at ? piece : len - at;
        transcript_add_output(&transcript, stream, bytes_of(data + at, piece));
        at += piece;
        read_on(&follower, &transcript);
    }
    struct outcome outcome = {.verdict = VERDICT_EXITED};
    outcome.out.total_bytes = transcript.out.kept.len + beyond_bytes;
    outcome.err.total_bytes = transcript.err.kept.len;
    transcript_end(&transcript, &outcome);
    read_on(&follower, &transcript);
    read_on(&late, &transcript);
    compare(&transcript, &follower);
    compare(&transcript, &late);
    must(follower.cursor.number == late.cursor.number);
    finish(&follower);
    finish(&late);
    transcript_release(&transcript);
    return 0;
}
