#include "broker/pool/lessor.h"

#include <string.h>

#include "common/log.h"

/* ---- the end of a session ---- */

static void end_run(struct lessor *lessor, struct run *run, const struct error *why)
{
    bool has_begun = run->has_begun;
    roster_bury(lessor->roster, run);
    if (has_begun)
        run_end(run, VERDICT_LOST, why->text);
    else
        run_refuse(run, why, 0);
}

static void on_ended(void *arg, struct lease *lease)
{
    struct lessor *lessor = arg;
    struct box *box = lease->box;
    struct run *run;
    struct error why;
    error_set(&why, ERR_SESSION_GONE, "the session has ended: %s",
              session_reason_name(lease->reason));
    lease->box = NULL;
    if (lease->run)
        end_run(lessor, lease->run, &why);
    while ((run = list_first(&lease->turns)) != NULL)
        end_run(lessor, run, &why);
    if (box)
        stock_retire(lessor->stock, box, RETIRED_FINISHED);
}

/* ---- turns ---- */

struct lease *lessor_find(const struct lessor *lessor, const struct job *job, struct error *err)
{
    struct lease *lease = leases_find(&lessor->leases, job->box_scope);
    if (!lease || lease->state == LEASE_ENDED || strcmp(lease->owner, job->owner) != 0)
        error_set(err, ERR_SESSION_GONE, "the session has ended, or never was");
    else if (lease->state == LEASE_OPENING || (lease_is_busy(lease) && !job->takes_turn))
        error_set(err, ERR_SESSION_BUSY, "another run of the session has not ended");
    else if (lease->turns.count >= LESSOR_TURNS_MAX)
        error_set(err, ERR_SESSION_BUSY, "too many runs wait for their turn in the session");
    else
        return lease;
    return NULL;
}

bool lessor_enter(struct lessor *lessor, struct lease *lease, struct run *run)
{
    if (!queue_hold(lessor->queue, run))
        return false;
    run->lease = lease;
    node_append(&run->node, &lease->turns);
    leases_note_use(&lessor->leases, lease);
    return true;
}

/* Skip the runs of a front that is behind. They must not delay runs whose frames are read. */
static struct run *next_of(const struct lease *lease)
{
    struct run *run = list_first(&lease->turns);
    while (run && run->audience->is_behind)
        run = node_next(&run->node);
    return run;
}

static void give_turn(struct lessor *lessor, struct lease *lease)
{
    struct run *run = lease->run ? NULL : next_of(lease);
    if (!run || !lease->box || !stock_resume(lessor->stock, lease->box))
        return;
    roster_pair(lessor->roster, run, lease->box);
    leases_note_use(&lessor->leases, lease);
}

static void end_idle(struct lessor *lessor)
{
    struct lease *next = list_first(&lessor->leases.live);
    while (next) {
        struct lease *lease = next;
        next = node_next(&lease->node);
        if (lease_is_idle(lease))
            leases_end(&lessor->leases, lease, SESSION_GATEWAY_RESTART);
    }
}

void lessor_turn(struct lessor *lessor)
{
    for (struct lease *lease = list_first(&lessor->leases.live); lease;
         lease = node_next(&lease->node))
        give_turn(lessor, lease);
    if (lessor->is_draining)
        end_idle(lessor);
}

/* ---- what the box reports ---- */

static bool read_end(const struct frame *frame, struct outcome *outcome)
{
    return frame->type == WIRE_END && outcome_decode(frame->payload, outcome, NULL);
}

/* End the session. The caller retires the box. */
static void end_without_box(struct lessor *lessor, struct lease *lease, enum session_reason reason)
{
    lease->box = NULL;
    leases_end(&lessor->leases, lease, reason);
}

static void note_outcome(struct lessor *lessor, struct lease *lease, const struct outcome *outcome)
{
    bool is_well = outcome->verdict == VERDICT_EXITED && outcome->exit_code == 0;
    lease->peak_memory_bytes = outcome->peak_memory_bytes;
    if (outcome->generation)
        lease->generation = outcome->generation;
    if (lease->state == LEASE_OPENING && is_well)
        leases_begin(&lessor->leases, lease);
}

struct box *lessor_note_last(struct lessor *lessor, struct run *run, const struct frame *frame)
{
    struct lease *lease = run->lease;
    struct box *box = run->box;
    struct outcome outcome;
    bool stays = stock_is_leased(lessor->stock, box) && read_end(frame, &outcome);
    if (stays)
        note_outcome(lessor, lease, &outcome);
    bool is_dropped = lease->state == LEASE_OPENING;
    roster_bury(lessor->roster, run);
    if (is_dropped)
        return stays ? box : NULL;
    if (!stays)
        end_without_box(lessor, lease, SESSION_CRASHED);
    bool has_finished = stays && lessor->is_draining && lease_is_idle(lease);
    if (has_finished)
        end_without_box(lessor, lease, SESSION_GATEWAY_RESTART);
    return has_finished ? box : NULL;
}

void lessor_note_lost(struct lessor *lessor, const struct box *box, const struct box_leave *leave)
{
    struct lease *lease = leases_find(&lessor->leases, box->tenure.scope);
    if (!lease || lease->box != box || lease->state != LEASE_LIVE)
        return;
    enum session_reason reason = SESSION_CRASHED;
    if (leave->oom_killed)
        reason = SESSION_MEMORY_LIMIT;
    else if (leave->lost_engine || !engine_is_up(lessor->engine))
        reason = SESSION_ENGINE_LOST;
    if (lease->run)
        lease->run->lease = NULL; /* the caller ends the run, and reports why */
    lease->run = NULL;
    end_without_box(lessor, lease, reason);
}

/* ---- what fronts ask for ---- */

bool lessor_cancel(struct lessor *lessor, struct run *run)
{
    struct box *box = run->box;
    if (!run->lease || run->lease->state != LEASE_LIVE)
        return false;
    log_event(LOG_INFO, "run_canceled", LOG_RUN(run->id), LOG_END);
    if (run->has_begun) {
        run_detach(run);
        box_interrupt(box);
        return true;
    }
    roster_bury(lessor->roster, run);
    tally_canceled(run->tally);
    if (box)
        stock_put_back(lessor->stock, box);
    return true;
}

void lessor_interrupt(struct lessor *lessor, struct run *run)
{
    struct error why;
    if (!run->lease || run->lease->state != LEASE_LIVE)
        return;
    run->must_interrupt = true;
    if (run->has_begun)
        box_interrupt(run->box);
    if (run->box)
        return;
    error_set(&why, ERR_SESSION_BUSY, "it was interrupted before its turn came");
    roster_refuse(lessor->roster, run, &why, ROSTER_RETRY_MS);
}

bool lessor_obey(struct lessor *lessor, uint64_t id, const struct session_order *order)
{
    struct lease *lease = leases_find(&lessor->leases, id);
    struct run *run;
    if (!lease || lease->state == LEASE_OPENING)
        return false;
    leases_note_change(&lessor->leases, lease);
    if (lease->state == LEASE_ENDED)
        return true;
    switch (order->deed) {
    case SESSION_END:
        leases_end(&lessor->leases, lease, SESSION_DELETED);
        break;
    case SESSION_KEEP:
        leases_keep(&lessor->leases, lease, order->idle_ms);
        break;
    case SESSION_INTERRUPT:
        run = lease_find_run(lease, order->execution);
        if (run)
            lessor_interrupt(lessor, run);
        break;
    }
    return true;
}

/* ---- life ---- */

void lessor_init(struct lessor *lessor)
{
    lessor->leases.on_ended = on_ended;
    lessor->leases.arg = lessor;
    leases_init(&lessor->leases);
}

void lessor_drain(struct lessor *lessor)
{
    lessor->is_draining = true;
    end_idle(lessor);
}

void lessor_stop(struct lessor *lessor)
{
    struct lease *lease;
    lessor->is_draining = true;
    while ((lease = list_first(&lessor->leases.live)) != NULL)
        leases_end(&lessor->leases, lease, SESSION_GATEWAY_RESTART);
}

void lessor_release(struct lessor *lessor)
{
    for (struct lease *lease = list_first(&lessor->leases.live); lease;
         lease = node_next(&lease->node))
        roster_free_runs(lessor->roster, &lease->turns);
    leases_release(&lessor->leases);
}
