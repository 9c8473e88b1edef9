#include "broker/pool/roster.h"

/* ---- run and box: linked and unlinked here only ---- */

static void link_box(struct run *run, struct box *box)
{
    run->box = box;
    box->run = run;
    if (run->lease) {
        run->lease->box = box;
        run->lease->run = run;
    }
}

static void unlink_box(struct run *run)
{
    run->box->run = NULL;
    run->box = NULL;
    if (run->lease)
        run->lease->run = NULL;
}

void roster_pair(struct roster *roster, struct run *run, struct box *box)
{
    queue_serve(roster->queue, run);
    run_note_box(run, box);
    if (!run->is_canary)
        rate_note(&roster->rate, run->paired_ns);
    link_box(run, box);
    node_append(&run->node, &roster->running);
    if (run_tell_paired(run))
        roster_begin(roster, run);
}

void roster_begin(struct roster *roster, struct run *run)
{
    timer_stop(roster->timers, &run->queue_timer);
    run->has_begun = true;
    if (run->lease && run->is_cell)
        run->lease->cells_count++;
    run_ask_to_keep(run);
    box_run(run->box, run->id, &run->frame, run->quota, run_deadline_ms(run));
    if (run->must_interrupt)
        box_interrupt(run->box);
}

/* ---- the ways out ---- */

/* If the run that opens a session has not succeeded, drop the session, and remember nothing of
 * it. */
static void leave_lease(struct roster *roster, struct run *run)
{
    struct lease *lease = run->lease;
    run->lease = NULL;
    if (lease && lease->state == LEASE_OPENING)
        leases_drop(roster->leases, lease);
    else if (lease && lease->state == LEASE_LIVE)
        leases_note_use(roster->leases, lease);
}

void roster_bury(struct roster *roster, struct run *run)
{
    timer_stop(roster->timers, &run->queue_timer);
    run_count_unstarted(run);
    if (run->box)
        unlink_box(run);
    if (run->is_waiting)
        queue_drop(roster->queue, run);
    queue_forget(roster->queue, run);
    node_append(&run->node, &roster->dead);
    leave_lease(roster, run);
}

/* Returns true if the run uses a live session, rather than opening one. */
static bool is_of_session(const struct run *run)
{
    return run->lease && run->lease->state == LEASE_LIVE;
}

void roster_refuse(struct roster *roster, struct run *run, const struct error *why,
                   uint32_t retry_ms)
{
    struct box *box = run->box;
    bool leaves_box = is_of_session(run);
    roster_bury(roster, run);
    if (box && leaves_box)
        stock_put_back(roster->stock, box);
    else if (box)
        stock_retire(roster->stock, box, RETIRED_CANCELED);
    run_refuse(run, why, retry_ms);
}

void roster_refuse_shelf(struct roster *roster, struct shelf *shelf, const struct error *why)
{
    struct run *run;
    while ((run = list_first(&shelf->waiting)) != NULL)
        roster_refuse(roster, run, why, ROSTER_RETRY_MS);
}

static struct run *find_unbegun(const struct roster *roster)
{
    struct run *run = list_first(&roster->running);
    while (run && run->has_begun)
        run = node_next(&run->node);
    return run;
}

void roster_refuse_all(struct roster *roster, const struct error *why)
{
    struct run *run;
    for (size_t i = 0; i < roster->shelves->count; i++)
        roster_refuse_shelf(roster, roster->shelves->all[i], why);
    while ((run = find_unbegun(roster)) != NULL)
        roster_refuse(roster, run, why, ROSTER_RETRY_MS);
}

void roster_refuse_late(struct roster *roster, struct run *run)
{
    struct error why;
    unsigned waited_ms = run->queue_timeout_ms;
    bool is_turn = is_of_session(run);
    if (is_turn)
        error_set(&why, ERR_SESSION_BUSY, "the session was busy for %u ms", waited_ms);
    else
        error_set(&why, ERR_BUSY, "no box became free within %u ms", waited_ms);
    roster_refuse(roster, run, &why, is_turn ? ROSTER_RETRY_MS : roster_retry_ms(roster));
}

uint32_t roster_retry_ms(const struct roster *roster)
{
    return rate_retry_ms(&roster->rate, roster->queue->count);
}

/* ---- freeing ---- */

void roster_free_runs(struct roster *roster, struct list *list)
{
    for (struct run *run; (run = list_take(list)) != NULL;) {
        timer_stop(roster->timers, &run->queue_timer);
        run_free(run);
    }
}

void roster_free_dead(struct roster *roster)
{
    roster_free_runs(roster, &roster->dead);
}

void roster_release(struct roster *roster)
{
    if (!roster->shelves)
        return;
    for (size_t i = 0; i < roster->shelves->count; i++)
        roster_free_runs(roster, &roster->shelves->all[i]->waiting);
    roster_free_runs(roster, &roster->running);
    roster_free_runs(roster, &roster->dead);
}
