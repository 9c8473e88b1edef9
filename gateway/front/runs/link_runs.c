#include "front/runs/link_runs.h"

#include <stdlib.h>
#include <sys/random.h>

#include "common/clock.h"
#include "common/refused.h"
#include "front/http/problem.h"

struct link_run {
    struct link_run *next;
    uint64_t id;
    const struct run_sink *sink;
    void *arg;
    uint64_t begun_ns;
    enum start start;
    bool paired; /* the run has a box, so it may have started */
    bool started;
    uint64_t started_ns; /* when STARTED arrived */
    struct quota quota;
};

/* ---- the table ---- */

/* Returns the pointer to the run with this id, or the place for it. */
static struct link_run **find(struct link_runs *runs, uint64_t id)
{
    struct link_run **slot = &runs->buckets[id & (LINK_RUNS_BUCKETS_COUNT - 1)];
    while (*slot && (*slot)->id != id)
        slot = &(*slot)->next;
    return slot;
}

static void unlink_run(struct link_runs *runs, struct link_run *run)
{
    *find(runs, run->id) = run->next;
}

static struct link_run *any_run(struct link_runs *runs)
{
    for (size_t i = 0; i < LINK_RUNS_BUCKETS_COUNT; i++) {
        if (runs->buckets[i])
            return runs->buckets[i];
    }
    return NULL;
}

static bool choose_id(struct link_runs *runs, uint64_t *id)
{
    while (*id == 0 || *find(runs, *id)) {
        if (getrandom(id, sizeof *id, 0) != (ssize_t)sizeof *id)
            return false;
    }
    return true;
}

bool link_runs_add(struct link_runs *runs, const struct run_sink *sink, void *arg,
                   struct quota quota, uint64_t *run_id, struct error *err)
{
    uint64_t id = *run_id;
    if (!choose_id(runs, &id))
        return error_errno(err, "no random bytes");
    struct link_run *run = calloc(1, sizeof *run);
    if (!run)
        return error_set(err, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
    *run = (struct link_run){
        .id = id, .sink = sink, .arg = arg, .begun_ns = clock_now_ns(), .quota = quota};
    *find(runs, id) = run;
    *run_id = id;
    return true;
}

bool link_runs_have(const struct link_runs *runs, uint64_t run_id)
{
    const struct link_run *run = runs->buckets[run_id & (LINK_RUNS_BUCKETS_COUNT - 1)];
    while (run && run->id != run_id)
        run = run->next;
    return run != NULL;
}

bool link_runs_forget(struct link_runs *runs, uint64_t run_id)
{
    struct link_run *run = *find(runs, run_id);
    if (!run)
        return false;
    unlink_run(runs, run);
    free(run);
    return true;
}

/* ---- the last callback of a sink may do anything, so the run leaves the table first ---- */

static void end_run(struct link_runs *runs, struct link_run *run, const struct outcome *outcome)
{
    unlink_run(runs, run);
    run->sink->on_end(run->arg, outcome);
    free(run);
}

static void refuse_run(struct link_runs *runs, struct link_run *run, const struct error *why,
                       uint32_t retry_ms)
{
    unlink_run(runs, run);
    run->sink->on_refused(run->arg, why, retry_ms);
    free(run);
}

void link_runs_refuse(struct link_runs *runs, uint64_t run_id, const struct error *why,
                      uint32_t retry_ms)
{
    struct link_run *run = *find(runs, run_id);
    if (run)
        refuse_run(runs, run, why, retry_ms);
}

void link_runs_lose_all(struct link_runs *runs)
{
    struct outcome lost = {
        .verdict = VERDICT_LOST,
        .text = "the gateway lost the connection to its sandbox service while the program ran",
    };
    static const struct error gone = {
        ERR_ENGINE,
        "the gateway lost the connection to its sandbox service; the program did not run"};
    for (struct link_run *run = any_run(runs); run; run = any_run(runs)) {
        lost.wall_ns = run->started ? clock_now_ns() - run->started_ns : 0;
        if (run->paired || run->started)
            end_run(runs, run, &lost);
        else
            refuse_run(runs, run, &gone, 0);
    }
}

/* ---- frames; each function returns false when the frame breaks the protocol ---- */

static bool on_paired(struct link_run *run, struct bytes payload)
{
    uint64_t queue_ns = 0, warm = 0, reused = 0;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_QUEUE_NS && !wire_get_u64(value, &queue_ns))
            return false;
        if (tag == WIRE_TAG_WARM && !wire_get_u64(value, &warm))
            return false;
        if (tag == WIRE_TAG_REUSED && !wire_get_u64(value, &reused))
            return false;
    }
    if (payload.len > 0 || run->started)
        return false;
    run->paired = true;
    run->start = warm ? START_WARM : START_COLD;
    if (reused)
        run->start = START_REUSED;
    run->sink->on_paired(run->arg, queue_ns, run->start);
    return true;
}

static bool on_started(struct link_run *run, struct bytes payload)
{
    uint64_t cold = 0;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_COLD && !wire_get_u64(value, &cold))
            return false;
    }
    if (payload.len > 0 || run->started)
        return false;
    run->started = true;
    run->started_ns = clock_now_ns();
    if (cold)
        run->start = start_without_template(run->start);
    run->sink->on_started(run->arg, cold != 0);
    return true;
}

static bool on_output(struct link_run *run, struct bytes payload)
{
    enum wire_stream stream;
    struct bytes data;
    if (!run->started || !quota_take_output(&run->quota, payload, &stream, &data))
        return false;
    run->sink->on_output(run->arg, stream, data);
    return true;
}

static bool on_artifact(struct link_run *run, enum wire_type type, struct bytes payload)
{
    struct artifact artifact;
    if (!run->started || !quota_take_artifact(&run->quota, type, payload, &artifact))
        return false;
    run->sink->on_artifact(run->arg, type, &artifact);
    return true;
}

static void count_end(struct link_runs *runs, const struct link_run *run,
                      const struct outcome *outcome)
{
    uint64_t total_ns = clock_now_ns() - run->begun_ns;
    if (runs->metrics)
        metrics_run_ended(runs->metrics, run->start,
                          total_ns > outcome->wall_ns ? total_ns - outcome->wall_ns : 0);
}

static bool on_end(struct link_runs *runs, struct link_run *run, struct bytes payload)
{
    struct outcome outcome;
    if ((!run->paired && !run->started) || !outcome_decode(payload, &outcome, NULL))
        return false;
    count_end(runs, run, &outcome);
    end_run(runs, run, &outcome);
    return true;
}

static bool on_refused(struct link_runs *runs, struct link_run *run, struct bytes payload)
{
    struct error why;
    uint32_t retry_ms;
    if (run->started || !refused_decode(payload, &why, &retry_ms))
        return false;
    refuse_run(runs, run, &why, retry_ms);
    return true;
}

bool link_runs_on_frame(struct link_runs *runs, const struct frame *frame)
{
    struct link_run *run = *find(runs, frame->run_id);
    switch (frame->type) {
    case WIRE_PAIRED:
        return !run || on_paired(run, frame->payload);
    case WIRE_STARTED:
        return !run || on_started(run, frame->payload);
    case WIRE_OUTPUT:
        return !run || on_output(run, frame->payload);
    case WIRE_END:
        return !run || on_end(runs, run, frame->payload);
    case WIRE_REFUSED:
        return !run || on_refused(runs, run, frame->payload);
    case WIRE_FILE:
    case WIRE_DISPLAY:
        return !run || on_artifact(run, frame->type, frame->payload);
    case WIRE_RUNTIMES:
    case WIRE_STATUS: /* these types are not about a run, or not for a front */
    case WIRE_READY:
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_GONE:
    case WIRE_SESSION:
        break;
    }
    return false;
}
