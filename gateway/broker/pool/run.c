#include "broker/pool/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/refused.h"

/* The broker's deadline is GRACE_MS after init's, or FILES_GRACE_MS if init must find and send
 * output files. */
#define GRACE_MS 1500
#define FILES_GRACE_MS 5000
/* Init interrupts a session's cell at its deadline. Then it waits until the cell ends, or kills all
 * processes and waits until they have ended. This is the time for both waits. */
#define INTERRUPT_GRACE_MS 3000
/* A box with a small share of a CPU reads its job at about this speed. */
#define JOB_BYTES_PER_MS 4096
#define RETRY_LOST_MS 1000
#define FULLY_WARM 100 /* warmth in percent */

struct run *run_new(uint64_t id, size_t runtime_index, const struct job *job)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    *run = (struct run){.id = id,
                        .runtime_index = runtime_index,
                        .limits = job->limits,
                        .timeout_ms = job->timeout_ms,
                        .queue_timeout_ms = job->queue_timeout_ms,
                        .box_runs = job->box_runs,
                        .scope = job->box_scope,
                        .is_cell = job->is_cell,
                        .takes_turn = job->takes_turn,
                        .quota = quota_of_job(job),
                        .submitted_ns = clock_now_ns(),
                        .queue_timer = {.arg = run}};
    snprintf(run->trace_id, sizeof run->trace_id, "%s", job->trace_id);
    snprintf(run->execution, sizeof run->execution, "%s", job->execution);
    snprintf(run->owner, sizeof run->owner, "%s", job->owner);
    node_init(&run->node, run);
    return run;
}

void run_free(struct run *run)
{
    node_remove(&run->node);
    buf_release(&run->frame);
    free(run);
}

uint32_t run_deadline_ms(const struct run *run)
{
    uint32_t grace_ms = run->quota.files_bytes > 0 ? FILES_GRACE_MS : GRACE_MS;
    if (run->lease)
        grace_ms += INTERRUPT_GRACE_MS;
    return run->timeout_ms + grace_ms + (uint32_t)(run->frame.len / JOB_BYTES_PER_MS);
}

static bool ignore(void *arg, struct run *run, const struct frame *frame)
{
    (void)arg, (void)run, (void)frame;
    return true;
}

void run_detach(struct run *run)
{
    static struct audience nobody = {.on_frame = ignore};
    run_hold(run, false);
    run->audience = &nobody;
}

static bool tell(struct run *run, enum wire_type type, struct bytes payload)
{
    struct frame frame = {.type = type, .run_id = run->id, .payload = payload};
    return run->audience->on_frame(run->arg, run, &frame);
}

void run_note_box(struct run *run, const struct box *box)
{
    run->paired_ns = clock_now_ns();
    run->start = box->ready_ms <= run->submitted_ns / NS_PER_MS ? START_WARM : START_COLD;
    if (box->tenure.runs_count > 1)
        run->start = START_REUSED;
}

void run_ask_to_keep(struct run *run)
{
    struct tenure *tenure = &run->box->tenure;
    if (tenure->end == RETIRED_NOT && !wire_extend(&run->frame, WIRE_TAG_RUN_KEEP, 1))
        tenure->end = RETIRED_LOST;
}

bool run_tell_paired(struct run *run)
{
    struct buf payload;
    buf_init(&payload, 256);
    bool is_out = wire_put_u64(&payload, WIRE_TAG_QUEUE_NS, run->paired_ns - run->submitted_ns) &&
                  wire_put_u64(&payload, WIRE_TAG_REUSED, run->start == START_REUSED) &&
                  wire_put_u64(&payload, WIRE_TAG_WARM, run->start != START_COLD) &&
                  tell(run, WIRE_PAIRED, buf_bytes(&payload));
    buf_release(&payload);
    return is_out;
}

static void count(struct run *run, struct bytes payload)
{
    if (payload.len == 0)
        return;
    struct stream_count *stream = payload.data[0] == WIRE_STDERR ? &run->err : &run->out;
    stream->total_bytes += payload.len - 1;
    stream->kept_bytes = stream->total_bytes;
}

static void count_start(const struct run *run)
{
    tally_start(run->tally, run->runtime_index, run->start, run->paired_ns - run->submitted_ns);
}

void run_count_unstarted(const struct run *run)
{
    if (run->box && !run->started_ns)
        count_start(run);
}

/* Count before the listener is called, because it may read the counts. Log after the frame is on
 * its way. */
static void end(struct run *run, const struct outcome *outcome, const struct frame *frame)
{
    tally_ended(run->tally, run->runtime_index, outcome);
    tell(run, WIRE_END, frame->payload);
    if (run->is_canary)
        return; /* the self-test logs canary_passed or canary_failed instead */
    log_event(LOG_INFO, "run_ended", LOG_RUN(run->id),
              LOG_STR("verdict", verdict_name(outcome->verdict)),
              LOG_U64("queue_us", (run->paired_ns - run->submitted_ns) / 1000),
              LOG_U64("wall_us", outcome->wall_ns / 1000),
              LOG_U64("total_us", (clock_now_ns() - run->submitted_ns) / 1000),
              LOG_STR("start", start_name(run->start)), LOG_PERCENT("warmth", run->warmth),
              LOG_STR("trace_id", run->trace_id[0] ? run->trace_id : NULL), LOG_END);
}

/* Write init's refusal anew, so that a front gets nothing that it cannot parse. */
static void relay_refusal(struct run *run, struct bytes payload)
{
    struct error why;
    uint32_t retry_ms = 0;
    if (!refused_decode(payload, &why, &retry_ms))
        error_set(&why, ERR_PROTOCOL, "the box refused the run, with a malformed reason");
    run_refuse(run, &why, retry_ms);
}

/* A box of an earlier build does not report its warmth. Such a box is fully warm when it becomes
 * ready. */
static void read_started(struct run *run, struct bytes payload, bool *cold)
{
    uint64_t number;
    uint16_t tag;
    struct bytes value;
    *cold = false;
    run->warmth = FULLY_WARM;
    while (wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_COLD)
            *cold = !wire_get_u64(value, &number) || number != 0;
        if (tag == WIRE_TAG_WARMTH && wire_get_u64(value, &number) && number <= FULLY_WARM)
            run->warmth = number;
    }
    if (*cold)
        run->warmth = 0;
}

/* Write STARTED anew, too. A ready box is no warm start if its interpreter could not serve the job.
 */
static void relay_started(struct run *run, struct bytes payload)
{
    bool cold;
    struct buf out;
    buf_init(&out, 256);
    run->started_ns = clock_now_ns();
    read_started(run, payload, &cold);
    tally_warmth(run->tally, run->runtime_index, run->warmth);
    if (cold)
        run->start = start_without_template(run->start);
    count_start(run);
    if (!cold || wire_put_u64(&out, WIRE_TAG_COLD, 1))
        tell(run, WIRE_STARTED, buf_bytes(&out));
    buf_release(&out);
}

static void relay_end(struct run *run, const struct frame *frame)
{
    struct outcome outcome;
    struct error err;
    if (outcome_decode(frame->payload, &outcome, &err)) {
        end(run, &outcome, frame);
        return;
    }
    log_event(LOG_ERROR, "end_malformed", LOG_RUN(run->id), LOG_STR("error", err.text), LOG_END);
    run_end(run, VERDICT_LOST, "the box's report was malformed");
}

void run_relay(struct run *run, const struct frame *frame)
{
    switch (frame->type) {
    case WIRE_STARTED:
        relay_started(run, frame->payload);
        break;
    case WIRE_OUTPUT:
        count(run, frame->payload);
        tell(run, frame->type, frame->payload);
        break;
    case WIRE_FILE:
    case WIRE_DISPLAY:
        tell(run, frame->type, frame->payload);
        break;
    case WIRE_END:
        relay_end(run, frame);
        break;
    case WIRE_REFUSED:
        relay_refusal(run, frame->payload);
        break;
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
    case WIRE_SESSION:
        break; /* the box passes on no frames of these types */
    }
}

void run_hold(struct run *run, bool hold)
{
    if (run->box)
        box_hold(run->box, hold);
}

void run_refuse(struct run *run, const struct error *why, uint32_t retry_ms)
{
    struct buf payload;
    buf_init(&payload, REFUSED_MAX_BYTES);
    tally_refused(run->tally, why->kind);
    log_event(LOG_INFO, "run_refused", LOG_RUN(run->id),
              LOG_STR("kind", error_kind_name(why->kind)), LOG_STR("error", why->text), LOG_END);
    if (refused_encode(&payload, why, retry_ms))
        tell(run, WIRE_REFUSED, buf_bytes(&payload));
    buf_release(&payload);
}

void run_end(struct run *run, enum verdict verdict, const char *text)
{
    uint64_t since_ns = run->started_ns ? run->started_ns : run->paired_ns;
    struct outcome outcome = {.verdict = verdict,
                              .signal = verdict == VERDICT_OOM ? SIGKILL : 0,
                              .oom_kills = verdict == VERDICT_OOM,
                              .wall_ns = clock_now_ns() - since_ns,
                              .out = run->out,
                              .err = run->err};
    snprintf(outcome.text, sizeof outcome.text, "%s", text);
    struct buf payload;
    buf_init(&payload, 1024);
    if (outcome_encode(&payload, &outcome))
        end(run, &outcome, &(struct frame){WIRE_END, run->id, buf_bytes(&payload)});
    buf_release(&payload);
}

void run_lose(struct run *run, const struct box *box, const struct box_leave *leave)
{
    uint64_t ran_ms = (clock_now_ns() - run->paired_ns) / NS_PER_MS;
    log_event(LOG_WARNING, "run_lost", LOG_RUN(run->id), LOG_STR("box", box->name),
              LOG_STR("error", leave->why.text), LOG_END);
    if (!box_may_have_started(box)) {
        struct error why;
        error_set(&why, ERR_ENGINE, "the box was lost before the program started");
        run_refuse(run, &why, RETRY_LOST_MS);
    } else if (leave->oom_killed) {
        run_end(run, VERDICT_OOM,
                "The box ran out of memory, and its supervisor was ended: output files, CPU time "
                "and peak memory are unknown");
    } else if (leave->why.kind == ERR_BUSY) {
        run_end(run, VERDICT_LOST, "the program's output was not read in time");
    } else if (run->started_ns && ran_ms >= run->timeout_ms) {
        run_end(run, VERDICT_TIMEOUT, "");
    } else {
        run_end(run, VERDICT_LOST, "the box was lost while the program ran");
    }
}
