/* stream.c - see stream.h. What goes out next is either in `text`, where small events are written
 * together, or the data of a large one, lent from where the execution holds it:
 *
 *   text, its last event open -> lent -> text, which begins with that event's end
 */
#include "front/stream.h"

#include <stdlib.h>

#include "common/clock.h"
#include "front/answer.h"
#include "front/problem.h"
#include "front/sse.h"

#define HEARTBEAT_MS 10000
#define TEXT_FULL_BYTES ((size_t)16 << 10) /* from here on it goes out first */
#define LENT_FROM_BYTES ((size_t)16 << 10) /* data of this size is not copied */
#define TEXT_MAX_BYTES (TEXT_FULL_BYTES + SSE_EVENT_MAX_BYTES)
#define TEXT_IDLE_BYTES ((size_t)4 << 10) /* an empty text that is larger gives its memory back */

struct stream {
    struct listener listener;
    struct service *service;
    struct exchange *exchange;
    enum stream_kind kind;
    struct transcript_cursor cursor;
    struct buf text;
    struct bytes lent;
    bool is_open;    /* the event that `lent` was of */
    bool has_answer; /* on loan */
    bool owes_ping;
    struct timer heartbeat;
};

static void on_released(void *arg)
{
    struct stream *stream = arg;
    reactor_disarm(&stream->heartbeat);
    if (stream->has_answer)
        execution_return_answer(stream->listener.execution);
    execution_detach(&stream->listener);
    buf_release(&stream->text);
    free(stream);
}

/* ---- events ---- */

static bool put_data(struct stream *stream, uint64_t number, const char *name, struct bytes data)
{
    if (!sse_open(&stream->text, number, name))
        return false;
    if (data.len < LENT_FROM_BYTES)
        return buf_append(&stream->text, data.data, data.len) && sse_close(&stream->text);
    stream->lent = data;
    return true;
}

static bool put_refusal(struct stream *stream, uint64_t number)
{
    const struct transcript *transcript = execution_transcript(stream->listener.execution);
    struct problem problem = problem_of_error(&transcript->refusal, transcript->retry_ms);
    exchange_note_verdict(stream->exchange, problem.code);
    return sse_open(&stream->text, number, "error") && problem_write(&stream->text, &problem) &&
           sse_close(&stream->text);
}

static bool put_end(struct stream *stream, uint64_t number)
{
    struct execution *execution = stream->listener.execution;
    const struct transcript *transcript = execution_transcript(execution);
    if (transcript->state == TRANSCRIPT_REFUSED && stream->kind == STREAM_CALL)
        return put_refusal(stream, number);
    exchange_note_verdict(stream->exchange, answer_status(transcript));
    struct bytes answer = execution_lend_answer(execution);
    stream->has_answer = answer.data != NULL;
    return stream->has_answer && put_data(stream, number, "result", answer);
}

static bool put_entry(struct stream *stream, const struct said *said)
{
    struct execution *execution = stream->listener.execution;
    if (said->kind == SAID_END)
        return put_end(stream, said->number);
    if (said->kind == SAID_EXHIBIT)
        return put_data(stream, said->number, said->exhibit->type == WIRE_FILE ? "file" : "display",
                        buf_bytes(&said->exhibit->json));
    return sse_write(&stream->text, execution_transcript(execution), said);
}

/* ---- the source ---- */

/* Fill the empty text. False when there is no memory: the stream then ends without a result. */
static bool fill(struct stream *stream)
{
    const struct transcript *transcript = execution_transcript(stream->listener.execution);
    struct said said;
    bool fine = !stream->is_open || sse_close(&stream->text);
    stream->is_open = false;
    if (stream->owes_ping)
        fine = fine && buf_append_string(&stream->text, SSE_PING);
    stream->owes_ping = false;
    while (fine && stream->text.len < TEXT_FULL_BYTES && !stream->lent.data &&
           transcript_next(transcript, &stream->cursor, &said))
        fine = put_entry(stream, &said);
    return fine;
}

/* The text that was lent has been sent. */
static enum source_state next(void *arg, struct bytes *bytes)
{
    struct stream *stream = arg;
    if (stream->lent.data) {
        *bytes = stream->lent;
        stream->lent = (struct bytes){0};
        stream->is_open = true;
        return SOURCE_MORE;
    }
    buf_consume(&stream->text, stream->text.len);
    bool fine = fill(stream);
    *bytes = buf_bytes(&stream->text);
    if (!fine || (stream->cursor.is_at_end && !stream->lent.data))
        return SOURCE_END;
    if (stream->text.len > 0)
        return SOURCE_MORE;
    if (stream->text.capacity > TEXT_IDLE_BYTES)
        buf_release(&stream->text);
    return SOURCE_WAIT;
}

static const struct source events_source = {.next = next, .release = on_released};

/* ---- what makes it go on ---- */

static void on_said(struct listener *listener)
{
    struct stream *stream = (struct stream *)listener; /* its first member */
    exchange_wake(stream->exchange);
}

static void on_heartbeat(void *arg)
{
    struct stream *stream = arg;
    stream->owes_ping = true;
    reactor_arm(stream->service->reactor, &stream->heartbeat, clock_now_ms() + HEARTBEAT_MS);
    exchange_wake(stream->exchange);
}

void stream_begin(struct service *service, struct execution *execution, struct exchange *exchange,
                  enum stream_kind kind, struct transcript_cursor cursor)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        execution_settle(execution);
        problem_answer(exchange, &(struct problem){.status = 500, .code = "internal_error"});
        return;
    }
    *stream = (struct stream){
        .listener = {.on_said = on_said},
        .service = service,
        .exchange = exchange,
        .kind = kind,
        .cursor = cursor,
        .owes_ping = cursor.number > 0, /* the client sees at once that the stream has begun */
        .heartbeat = {.on_due = on_heartbeat, .arg = stream},
    };
    buf_init(&stream->text, TEXT_MAX_BYTES);
    execution_attach(execution, &stream->listener);
    reactor_arm(service->reactor, &stream->heartbeat, clock_now_ms() + HEARTBEAT_MS);
    exchange_note_run(exchange, execution_transcript(execution)->run_id);
    exchange_set_header(exchange, "x-accel-buffering", "no");
    exchange_send(exchange, "text/event-stream", EXCHANGE_LENGTH_UNKNOWN, &events_source, stream);
}
