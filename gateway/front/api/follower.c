/* follower.c - see follower.h. The next text to be sent is written into the portion. A small event
 * is written at once; a large one in parts: its beginning, slices of its data, its end.
 */
#include "front/api/follower.h"

#include <stdlib.h>

#include "common/clock.h"
#include "front/api/portion.h"
#include "front/api/sse.h"
#include "front/http/problem.h"
#include "front/runs/answer.h"

#define HEARTBEAT_MS 10000
#define TEXT_MAX_BYTES (RENDERING_FULL_BYTES + SSE_EVENT_MAX_BYTES)
/* Some entries produce no text but are costly to check. After this many entries, other requests get
 * their turn. */
#define ENTRIES_A_TURN 2048

_Static_assert(TEXT_MAX_BYTES >= RENDERING_MAX_BYTES, "a slice fits");
_Static_assert(SSE_EVENT_MAX_BYTES >= FOLLOWER_EVENT_MAX_BYTES, "a dialect's event fits");

struct follower {
    struct listener listener;
    struct reactor *reactor;
    struct exchange *exchange;
    enum follower_kind kind;
    const struct follower_terms *terms; /* NULL: the API's own */
    void *arg;                          /* of terms */
    struct transcript_cursor cursor;
    struct portion portion;
    struct rendering rendering; /* of the data of the current event */
    bool is_open;               /* the current event's data are not complete */
    bool owes_beat;
    struct timer heartbeat;
};

static void on_released(void *arg)
{
    struct follower *follower = arg;
    timer_stop(&follower->reactor->timers, &follower->heartbeat);
    portion_release(&follower->portion);
    if (follower->terms)
        follower->terms->release(follower->arg);
    execution_detach(&follower->listener);
    free(follower);
}

/* ---- events ---- */

static bool put_refusal(struct follower *follower, uint64_t number)
{
    const struct transcript *transcript = execution_transcript(follower->listener.execution);
    struct error why;
    struct problem problem = answer_problem(transcript, &why);
    struct buf *text = &follower->portion.text;
    exchange_note_verdict(follower->exchange, problem.code);
    return sse_open(text, number, "error") && problem_write(text, &problem) && sse_close(text);
}

static bool open_event(struct follower *follower, uint64_t number, const char *name,
                       struct rendering rendering)
{
    follower->is_open = true;
    follower->rendering = rendering;
    return sse_open(&follower->portion.text, number, name);
}

static bool put_end(struct follower *follower, uint64_t number)
{
    const struct transcript *transcript = execution_transcript(follower->listener.execution);
    if (transcript->state == TRANSCRIPT_REFUSED && follower->kind == FOLLOWER_CALL)
        return put_refusal(follower, number);
    exchange_note_verdict(follower->exchange, answer_status(transcript));
    return open_event(follower, number, "result", rendering_of_answer(transcript));
}

static bool put_in_terms(struct follower *follower, const struct said *said)
{
    const struct transcript *transcript = execution_transcript(follower->listener.execution);
    struct rendering data = {.part = RENDERING_FINISHED};
    bool is_fine =
        follower->terms->put_entry(follower->arg, &follower->portion.text, transcript, said, &data);
    follower->rendering = data;
    follower->is_open = !rendering_is_finished(&data);
    if (said->kind == SAID_END)
        exchange_note_verdict(follower->exchange, answer_status(transcript));
    return is_fine;
}

static bool put_entry(struct follower *follower, const struct said *said)
{
    if (follower->terms)
        return put_in_terms(follower, said);
    if (said->kind == SAID_END)
        return put_end(follower, said->number);
    if (said->kind == SAID_EXHIBIT)
        return open_event(follower, said->number,
                          said->exhibit->type == WIRE_FILE ? "file" : "display",
                          rendering_of_exhibit(said->exhibit));
    if (said->kind == SAID_REPORT)
        return open_event(follower, said->number, "test", rendering_of_report(said->report));
    return sse_write(&follower->portion.text, execution_transcript(follower->listener.execution),
                     said);
}

/* ---- the source ---- */

/* Write more of the current event's data, and its end once they are complete. */
static bool put_data(struct follower *follower)
{
    struct buf *text = &follower->portion.text;
    if (!rendering_write(&follower->rendering, text))
        return false;
    if (!rendering_is_finished(&follower->rendering))
        return true;
    follower->is_open = false;
    return sse_close(text);
}

/* Fill the portion, which is empty. Returns false when memory is out. */
static bool fill(struct follower *follower)
{
    const struct transcript *transcript = execution_transcript(follower->listener.execution);
    struct buf *text = &follower->portion.text;
    struct said said;
    bool fine = true;
    if (follower->owes_beat && !follower->is_open) {
        follower->owes_beat = false;
        fine = follower->terms ? follower->terms->put_beat(follower->arg, text, transcript)
                               : buf_append_string(text, SSE_PING);
    }
    for (int i = 0; fine && i < ENTRIES_A_TURN && text->len < RENDERING_FULL_BYTES; i++) {
        if (follower->is_open) {
            fine = put_data(follower);
            if (follower->is_open)
                break;
        } else if (transcript_next(transcript, &follower->cursor, &said)) {
            fine = put_entry(follower, &said);
        } else {
            break;
        }
    }
    return fine;
}

static bool has_more(const struct follower *follower)
{
    return follower->is_open ||
           transcript_has_next(execution_transcript(follower->listener.execution),
                               &follower->cursor);
}

/* The previous text was sent: write the next one. After the last text, the execution is not needed
 * any more.
 */
static enum source_state next(void *arg, struct bytes *bytes)
{
    struct follower *follower = arg;
    if (!portion_open(&follower->portion))
        return SOURCE_WAIT;
    bool is_fine = fill(follower);
    portion_close(&follower->portion);
    if (!is_fine)
        return SOURCE_BROKEN;
    *bytes = buf_bytes(&follower->portion.text);
    if (follower->cursor.is_at_end && !follower->is_open) {
        execution_detach(&follower->listener);
        return SOURCE_END;
    }
    if (bytes->len > 0)
        return SOURCE_MORE;
    return has_more(follower) ? SOURCE_AGAIN : SOURCE_WAIT;
}

static const struct source events_source = {.next = next, .release = on_released};

/* ---- callbacks that wake it ---- */

static void on_said(struct listener *listener)
{
    struct follower *follower = (struct follower *)listener; /* the listener is its first member */
    exchange_wake(follower->exchange);
}

static void on_evicted(struct listener *listener)
{
    const struct follower *follower = (const struct follower *)listener;
    exchange_evict(follower->exchange);
}

static uint64_t slow_ms(const struct listener *listener)
{
    const struct follower *follower = (const struct follower *)listener;
    return exchange_slow_ms(follower->exchange);
}

static uint32_t beat_ms(const struct follower *follower)
{
    return follower->terms ? follower->terms->beat_ms : HEARTBEAT_MS;
}

static void on_heartbeat(void *arg)
{
    struct follower *follower = arg;
    follower->owes_beat = true;
    timer_start(&follower->reactor->timers, &follower->heartbeat, beat_ms(follower));
    exchange_wake(follower->exchange);
}

/* Returns NULL, with the exchange answered, when memory is out. */
static struct follower *follower_new(const struct call *call, struct execution *execution,
                                     enum follower_kind kind)
{
    struct exchange *exchange = call->exchange;
    struct follower *follower = calloc(1, sizeof *follower);
    if (!follower || !portion_init(&follower->portion, call->service, exchange, TEXT_MAX_BYTES)) {
        free(follower);
        execution_drop_unheard(execution);
        exchange_answer_problem(exchange, &problem_no_memory);
        return NULL;
    }
    follower->listener = (struct listener){.on_said = on_said,
                                           .on_evicted = on_evicted,
                                           .slow_ms = slow_ms,
                                           .is_caller = kind == FOLLOWER_CALL};
    follower->reactor = call->service->reactor;
    follower->exchange = exchange;
    follower->kind = kind;
    follower->heartbeat = (struct timer){.on_due = on_heartbeat, .arg = follower};
    return follower;
}

static void attach(struct follower *follower, struct execution *execution)
{
    struct exchange *exchange = follower->exchange;
    execution_attach(execution, &follower->listener);
    timer_start(&follower->reactor->timers, &follower->heartbeat, beat_ms(follower));
    exchange_note_run(exchange, execution_transcript(execution)->run_id);
    exchange_set_header(exchange, "x-accel-buffering", "no");
    exchange_send(exchange, "text/event-stream", &events_source, follower);
}

void follower_begin(const struct call *call, struct execution *execution, enum follower_kind kind,
                    struct transcript_cursor cursor)
{
    struct follower *follower = follower_new(call, execution, kind);
    if (!follower)
        return;
    follower->cursor = cursor;
    /* a sign of life shows the client at once that the stream has begun */
    follower->owes_beat = cursor.number > 0;
    attach(follower, execution);
}

void follower_begin_in(const struct call *call, struct execution *execution,
                       const struct follower_terms *terms, void *arg)
{
    struct follower *follower = follower_new(call, execution, FOLLOWER_CALL);
    if (!follower) {
        terms->release(arg);
        return;
    }
    follower->terms = terms;
    follower->arg = arg;
    attach(follower, execution);
}
