/* Three lists hold the sessions by their state. A fourth list holds all sessions that are reported
 * to fronts, in the order of their last changes. */
#include "broker/pool/leases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

/* ---- finding ---- */

static struct lease *find_id(const struct list *list, uint64_t id)
{
    struct lease *lease = list_first(list);
    while (lease && lease->id != id)
        lease = node_next(&lease->node);
    return lease;
}

struct lease *leases_find(const struct leases *leases, uint64_t id)
{
    const struct list *const lists[] = {&leases->live, &leases->opening, &leases->ended};
    struct lease *lease = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && !lease; i++)
        lease = find_id(lists[i], id);
    return lease;
}

static bool has_name(const struct list *list, const struct job *job)
{
    const struct lease *lease = list_first(list);
    while (lease &&
           (strcmp(lease->name, job->session_name) != 0 || strcmp(lease->owner, job->owner) != 0))
        lease = node_next(&lease->node);
    return lease != NULL;
}

static uint32_t count_of(const struct list *list, const char *owner)
{
    uint32_t count = 0;
    for (const struct lease *lease = list_first(list); lease; lease = node_next(&lease->node))
        count += strcmp(lease->owner, owner) == 0;
    return count;
}

/* Returns the number of sessions that this owner has live or opening. */
static uint32_t held_by(const struct leases *leases, const char *owner)
{
    return count_of(&leases->live, owner) + count_of(&leases->opening, owner);
}

/* ---- changes ---- */

void leases_note_change(struct leases *leases, struct lease *lease)
{
    if (lease->state == LEASE_OPENING)
        return;
    lease->changed = ++leases->serial;
    node_append(&lease->change, &leases->changes);
}

const struct lease *leases_next(const struct leases *leases, uint64_t serial)
{
    const struct node *node = leases->changes.last, *found = NULL;
    for (; node && ((const struct lease *)node->owner)->changed > serial; node = node->previous)
        found = node;
    return found ? found->owner : NULL;
}

/* ---- the past ---- */

static void forget(struct leases *leases, struct lease *lease)
{
    if (lease->pastime)
        room_give_back(&leases->past, lease->pastime, 0);
    node_remove(&lease->node);
    node_remove(&lease->change);
    timer_stop(leases->timers, &lease->idle);
    timer_stop(leases->timers, &lease->life);
    buf_release(&lease->record);
    free(lease);
}

static void wait_for_oldest(struct leases *leases)
{
    const struct lease *oldest = list_first(&leases->ended);
    if (!oldest)
        return;
    uint64_t age_ms = (clock_now_ns() - oldest->used_ns) / NS_PER_MS;
    uint64_t kept_ms = leases->config->executions_keep_ms;
    timer_start(leases->timers, &leases->forget, kept_ms > age_ms ? kept_ms - age_ms : 0);
}

static bool is_oldest_due(const struct leases *leases)
{
    const struct lease *oldest = list_first(&leases->ended);
    uint64_t kept_ns = leases->config->executions_keep_ms * NS_PER_MS;
    return oldest && clock_now_ns() - oldest->used_ns >= kept_ns;
}

static void on_forget_due(void *arg)
{
    struct leases *leases = arg;
    while (is_oldest_due(leases))
        forget(leases, list_take(&leases->ended));
    wait_for_oldest(leases);
}

/* Returns the most ended sessions that any owner has. */
static uint64_t most_of_past(const struct leases *leases)
{
    uint64_t most = 0;
    for (const struct room_owner *owner = list_first(&leases->past.owners); owner;
         owner = node_next(&owner->node))
        most = owner->held[ROOM_RUNS] > most ? owner->held[ROOM_RUNS] : most;
    return most;
}

/* The owner with the most ended sessions loses their oldest. The session that ended last stays. */
static void make_space(struct leases *leases)
{
    if (leases->ended.count <= leases->config->executions_max)
        return;
    uint64_t most = most_of_past(leases);
    struct lease *oldest = list_first(&leases->ended);
    while (oldest && (!oldest->pastime || oldest->pastime->held[ROOM_RUNS] < most))
        oldest = node_next(&oldest->node);
    if (oldest)
        forget(leases, oldest);
}

/* ---- opening ---- */

/* Find the session to evict for a new session of this owner. Returns NULL if there is none. */
static struct lease *find_victim(const struct leases *leases, const char *owner)
{
    struct lease *victim = NULL;
    uint32_t would_hold = held_by(leases, owner) + 1;
    for (struct lease *lease = list_first(&leases->live); lease; lease = node_next(&lease->node)) {
        bool is_longer = !victim || lease->used_ns < victim->used_ns;
        if (is_longer && lease_is_idle(lease) && strcmp(lease->owner, owner) != 0 &&
            held_by(leases, lease->owner) >= would_hold)
            victim = lease;
    }
    return victim;
}

static bool is_full(const struct leases *leases)
{
    return leases->live.count + leases->opening.count >= config_sessions_most(leases->config);
}

bool leases_would_open(const struct leases *leases, const struct job *job, struct error *err)
{
    const struct config *config = leases->config;
    uint32_t most = config_sessions_most(config);
    if (has_name(&leases->live, job))
        return error_set(err, ERR_SESSION_TAKEN, "this session is there already");
    if (has_name(&leases->opening, job))
        return error_set(err, ERR_SESSION_BUSY, "this session is being opened");
    if (has_name(&leases->ended, job))
        return error_set(err, ERR_SESSION_GONE, "this session has ended");
    if (leases_find(leases, job->box_scope))
        return error_set(err, ERR_INVALID, "this number is another session's");
    if (job->session_ms > config->max_session_ms || job->session_idle_ms > job->session_ms)
        return error_set(err, ERR_INVALID, "the session's times are above the maximum");
    if (held_by(leases, job->owner) >= config->sessions_per_key)
        return error_set(err, ERR_SESSION_LIMIT,
                         "this key already has %u sessions, as many as a key may have",
                         (unsigned)config->sessions_per_key);
    if (most == 0 || (is_full(leases) && !find_victim(leases, job->owner)))
        return error_set(err, ERR_SESSION_LIMIT,
                         "the gateway already has %u sessions, as many as it may have",
                         (unsigned)most);
    return true;
}

static void on_idle_due(void *arg)
{
    struct lease *lease = arg;
    leases_end(lease->leases, lease, SESSION_IDLE_TIMEOUT);
}

static void on_life_due(void *arg)
{
    struct lease *lease = arg;
    leases_end(lease->leases, lease, SESSION_MAX_LIFETIME);
}

struct lease *leases_open(struct leases *leases, const struct job *job)
{
    struct lease *lease = calloc(1, sizeof *lease);
    if (!lease)
        return NULL;
    *lease = (struct lease){.id = job->box_scope,
                            .limits = job->limits,
                            .idle_ms = job->session_idle_ms,
                            .life_ms = job->session_ms,
                            .generation = 1,
                            .leases = leases,
                            .idle = {.on_due = on_idle_due, .arg = lease},
                            .life = {.on_due = on_life_due, .arg = lease}};
    snprintf(lease->owner, sizeof lease->owner, "%s", job->owner);
    snprintf(lease->name, sizeof lease->name, "%s", job->session_name);
    snprintf(lease->runtime, sizeof lease->runtime, "%s", job->runtime);
    node_init(&lease->node, lease);
    node_init(&lease->change, lease);
    buf_init(&lease->record, JOB_SESSION_RECORD_MAX_BYTES);
    if (!buf_append(&lease->record, job->session_record.data, job->session_record.len)) {
        free(lease);
        return NULL;
    }
    if (is_full(leases))
        leases_end(leases, find_victim(leases, lease->owner), SESSION_EVICTED);
    node_append(&lease->node, &leases->opening);
    return lease;
}

void leases_drop(struct leases *leases, struct lease *lease)
{
    forget(leases, lease);
}

/* ---- living ---- */

void leases_note_use(struct leases *leases, struct lease *lease)
{
    lease->used_ns = clock_now_ns();
    lease->used_ms = clock_wall_ms();
    if (lease_is_idle(lease))
        timer_start(leases->timers, &lease->idle, lease->idle_ms);
    else
        timer_stop(leases->timers, &lease->idle);
    leases_note_change(leases, lease);
}

void leases_keep(struct leases *leases, struct lease *lease, uint32_t idle_ms)
{
    if (idle_ms)
        lease->idle_ms = idle_ms < lease->life_ms ? idle_ms : lease->life_ms;
    leases_note_use(leases, lease);
}

void leases_begin(struct leases *leases, struct lease *lease)
{
    lease->state = LEASE_LIVE;
    lease->created_ms = clock_wall_ms();
    lease->opened = leases->serial + 1;
    leases->opened_count++;
    node_append(&lease->node, &leases->live);
    timer_start(leases->timers, &lease->life, lease->life_ms);
    leases_note_use(leases, lease);
    log_event(LOG_INFO, "session_opened", LOG_STR("session", lease->name),
              LOG_STR("key", lease->owner), LOG_STR("box", lease->box ? lease->box->name : NULL),
              LOG_END);
}

void leases_end(struct leases *leases, struct lease *lease, enum session_reason reason)
{
    if (lease->state == LEASE_ENDED)
        return;
    lease->state = LEASE_ENDED;
    lease->reason = reason;
    lease->ended_ms = clock_wall_ms();
    lease->used_ns = clock_now_ns();
    timer_stop(leases->timers, &lease->idle);
    timer_stop(leases->timers, &lease->life);
    buf_release(&lease->record);
    node_append(&lease->node, &leases->ended);
    leases_note_change(leases, lease);
    leases->ended_count[reason]++;
    log_event(LOG_INFO, "session_ended", LOG_STR("session", lease->name),
              LOG_STR("key", lease->owner), LOG_STR("error", session_reason_name(reason)),
              LOG_U64("cells", lease->cells_count), LOG_END);
    leases->on_ended(leases->arg, lease);
    lease->pastime = room_take(&leases->past, lease->owner, 0);
    make_space(leases);
    if (!timer_runs(&leases->forget))
        wait_for_oldest(leases);
}

/* ---- reports ---- */

void leases_report(const struct leases *leases, struct samples *samples)
{
    size_t busy_count = 0;
    for (const struct lease *lease = list_first(&leases->live); lease;
         lease = node_next(&lease->node))
        busy_count += lease_is_busy(lease);
    samples_put(samples, METRIC_SESSIONS, LABELS("opening"), leases->opening.count);
    samples_put(samples, METRIC_SESSIONS, LABELS("idle"), leases->live.count - busy_count);
    samples_put(samples, METRIC_SESSIONS, LABELS("busy"), busy_count);
    samples_put(samples, METRIC_SESSIONS_LIMIT, LABELS(NULL), config_sessions_most(leases->config));
    samples_put(samples, METRIC_SESSIONS_OPENED, LABELS(NULL), leases->opened_count);
    for (int reason = SESSION_ENDED_NOT + 1; reason < SESSION_REASONS_COUNT; reason++)
        samples_put(samples, METRIC_SESSIONS_ENDED,
                    LABELS(session_reason_name((enum session_reason)reason)),
                    leases->ended_count[reason]);
}

/* ---- life ---- */

void leases_init(struct leases *leases)
{
    leases->forget = (struct timer){.on_due = on_forget_due, .arg = leases};
}

static void forget_all(struct leases *leases, struct list *list)
{
    struct lease *lease;
    while ((lease = list_take(list)) != NULL)
        forget(leases, lease);
}

void leases_release(struct leases *leases)
{
    forget_all(leases, &leases->opening);
    forget_all(leases, &leases->live);
    forget_all(leases, &leases->ended);
    timer_stop(leases->timers, &leases->forget);
    room_release(&leases->past);
}
