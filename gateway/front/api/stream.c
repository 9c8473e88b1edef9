/* stream.c - see stream.h. What goes out next is written into a portion: small events whole, and
 * the data of large ones a slice at a time, between the head of its event and its end.
 */
#include "front/api/stream.h"

#include <stdlib.h>

#include "common/clock.h"
#include "front/api/portion.h"
#include "front/api/sse.h"
#include "front/http/problem.h"
#include "front/runs/answer.h"
#include "front/runs/rendering.h"

#define HEARTBEAT_MS 10000
#define TEXT_MAX_BYTES (RENDERING_FULL_BYTES + SSE_EVENT_MAX_BYTES)
/* Nothing at all may have to be written for many entries, or much looked at for few: then others
 * have their turn. */
#define ENTRIES_A_TURN 2048

_Static_assert(TEXT_MAX_BYTES >= RENDERING_MAX_BYTES, "a slice fits");

struct stream {
    struct listener listener;
    struct reactor *reactor;
    struct exchange *exchange;
    enum stream_kind kind;
    struct transcript_cursor cursor;
    struct portion portion;
    struct rendering rendering; /* of the data of the event at hand */
    bool is_open;               /* that event: its data is being written */
    bool owes_ping;
    struct timer heartbeat;
};

static void on_released(void *arg)
{
    struct stream *stream = arg;
    reactor_disarm(&stream->heartbeat);
    portion_release(&stream->portion);
    execution_detach(&stream->listener);
    free(stream);
}

/* ---- events ---- */

static bool put_refusal(struct stream *stream, uint64_t number)
{
    const struct transcript *transcript = execution_transcript(stream->listener.execution);
    struct problem problem = problem_of_error(&transcript->refusal, transcript->retry_ms);
    struct buf *text = &stream->portion.text;
    exchange_note_verdict(stream->exchange, problem.code);
    return sse_open(text, number, "error") && problem_write(text, &problem) && sse_close(text);
}

static bool open_event(struct stream *stream, uint64_t number, const char *name,
                       struct rendering rendering)
{
    stream->is_open = true;
    stream->rendering = rendering;
    return sse_open(&stream->portion.text, number, name);
}

static bool put_end(struct stream *stream, uint64_t number)
{
    const struct transcript *transcript = execution_transcript(stream->listener.execution);
    if (transcript->state == TRANSCRIPT_REFUSED && stream->kind == STREAM_CALL)
        return put_refusal(stream, number);
    exchange_note_verdict(stream->exchange, answer_status(transcript));
    return open_event(stream, number, "result", rendering_of_answer(transcript));
}

static bool put_entry(struct stream *stream, const struct said *said)
{
    if (said->kind == SAID_END)
        return put_end(stream, said->number);
    if (said->kind == SAID_EXHIBIT)
        return open_event(stream, said->number,
                          said->exhibit->type == WIRE_FILE ? "file" : "display",
                          rendering_of_exhibit(said->exhibit));
    return sse_write(&stream->portion.text, execution_transcript(stream->listener.execution), said);
}

/* ---- the source ---- */

/* More of the data of the event at hand, and its end. */
static bool put_data(struct stream *stream)
{
    struct buf *text = &stream->portion.text;
    if (!rendering_write(&stream->rendering, text))
        return false;
    if (!rendering_is_over(&stream->rendering))
        return true;
    stream->is_open = false;
    return sse_close(text);
}

/* Fill the empty text. False when there is no memory. */
static bool fill(struct stream *stream)
{
    const struct transcript *transcript = execution_transcript(stream->listener.execution);
    struct buf *text = &stream->portion.text;
    struct said said;
    bool fine = true;
    if (stream->owes_ping && !stream->is_open) {
        stream->owes_ping = false;
        fine = buf_append_string(text, SSE_PING);
    }
    for (int i = 0; fine && i < ENTRIES_A_TURN && text->len < RENDERING_FULL_BYTES; i++) {
        if (stream->is_open) {
            fine = put_data(stream);
            if (stream->is_open)
                break;
        } else if (transcript_next(transcript, &stream->cursor, &said)) {
            fine = put_entry(stream, &said);
        } else {
            break;
        }
    }
    return fine;
}

static bool has_more(const struct stream *stream)
{
    return stream->is_open ||
           transcript_has_next(execution_transcript(stream->listener.execution), &stream->cursor);
}

/* The text that was lent has been sent. With the last of it nothing is needed any more of what it
 * was made of. */
static enum source_state next(void *arg, struct bytes *bytes)
{
    struct stream *stream = arg;
    if (!portion_open(&stream->portion))
        return SOURCE_WAIT;
    bool is_fine = fill(stream);
    portion_close(&stream->portion);
    if (!is_fine)
        return SOURCE_BROKEN;
    *bytes = buf_bytes(&stream->portion.text);
    if (stream->cursor.is_at_end && !stream->is_open) {
        execution_detach(&stream->listener);
        return SOURCE_END;
    }
    if (bytes->len > 0)
        return SOURCE_MORE;
    return has_more(stream) ? SOURCE_AGAIN : SOURCE_WAIT;
}

static const struct source events_source = {.next = next, .release = on_released};

/* ---- what makes it go on ---- */

static void on_said(struct listener *listener)
{
    struct stream *stream = (struct stream *)listener; /* its first member */
    exchange_wake(stream->exchange);
}

static void on_evicted(struct listener *listener)
{
    const struct stream *stream = (const struct stream *)listener;
    exchange_evict(stream->exchange);
}

static uint64_t slow_ms(const struct listener *listener)
{
    const struct stream *stream = (const struct stream *)listener;
    return exchange_slow_ms(stream->exchange);
}

static void on_heartbeat(void *arg)
{
    struct stream *stream = arg;
    stream->owes_ping = true;
    reactor_arm(stream->reactor, &stream->heartbeat, clock_now_ms() + HEARTBEAT_MS);
    exchange_wake(stream->exchange);
}

void stream_begin(const struct call *call, struct execution *execution, enum stream_kind kind,
                  struct transcript_cursor cursor)
{
    struct exchange *exchange = call->exchange;
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream || !portion_init(&stream->portion, call, TEXT_MAX_BYTES)) {
        free(stream);
        execution_settle(execution);
        exchange_answer_problem(exchange,
                                &(struct problem){.status = 500, .code = "internal_error"});
        return;
    }
    stream->listener = (struct listener){.on_said = on_said,
                                         .on_evicted = on_evicted,
                                         .slow_ms = slow_ms,
                                         .is_caller = kind == STREAM_CALL};
    stream->reactor = call->service->reactor;
    stream->exchange = exchange;
    stream->kind = kind;
    stream->cursor = cursor;
    stream->owes_ping = cursor.number > 0; /* the client sees at once that the stream has begun */
    stream->heartbeat = (struct timer){.on_due = on_heartbeat, .arg = stream};
    execution_attach(execution, &stream->listener);
    reactor_arm(stream->reactor, &stream->heartbeat, clock_now_ms() + HEARTBEAT_MS);
    exchange_note_run(exchange, execution_transcript(execution)->run_id);
    exchange_set_header(exchange, "x-accel-buffering", "no");
    exchange_send(exchange, "text/event-stream", &events_source, stream);
}
