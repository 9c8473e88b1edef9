#include "front/runs/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* ---- the table ---- */

static struct list *bucket_of_id(struct sessions *sessions, uint64_t id)
{
    return &sessions->by_id[id & (SESSIONS_BUCKETS_COUNT - 1)]; /* ids are random */
}

/* Clients choose the names. A client that makes them collide slows down only its own key. */
static struct list *bucket_of_name(struct sessions *sessions, const char *owner, struct bytes name)
{
    uint64_t hash = FNV_BASIS;
    for (; *owner; owner++)
        hash = (hash ^ (uint8_t)*owner) * FNV_PRIME;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.data[i]) * FNV_PRIME;
    return &sessions->by_name[(hash ^ hash >> 32) & (SESSIONS_BUCKETS_COUNT - 1)];
}

static struct session *find_id(struct sessions *sessions, uint64_t id)
{
    struct session *session = list_first(bucket_of_id(sessions, id));
    while (session && session->id != id)
        session = node_next(&session->by_id);
    return session;
}

static struct session *session_new(struct sessions *sessions, uint64_t id, const char *owner,
                                   const char *name)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    session->all = sessions;
    session->id = id;
    session->told_generation = 1;
    snprintf(session->notice.owner, sizeof session->notice.owner, "%s", owner);
    snprintf(session->notice.name, sizeof session->notice.name, "%s", name);
    buf_init(&session->record, JOB_SESSION_RECORD_MAX_BYTES);
    node_init(&session->by_id, session);
    node_init(&session->by_name, session);
    node_init(&session->ended, session);
    node_append(&session->by_id, bucket_of_id(sessions, id));
    node_append(&session->by_name, bucket_of_name(sessions, owner, bytes_of_string(name)));
    return session;
}

/* Remove a session from the table, so that it is not found any more. */
static void hide(struct session *session)
{
    node_remove(&session->by_id);
    node_remove(&session->by_name);
    node_remove(&session->ended);
}

static void forget(struct session *session)
{
    hide(session);
    if (session->holders_count > 0)
        return;
    buf_release(&session->record);
    free(session);
}

static bool is_forgotten(const struct session *session)
{
    return !session->by_id.list;
}

void session_hold(struct session *session)
{
    session->holders_count++;
}

/* A session that is still opening has not been reported. It is forgotten with its last holder. */
void session_release(struct session *session)
{
    if (session && --session->holders_count == 0 &&
        (is_forgotten(session) || session_is_opening(session)))
        forget(session);
}

static bool has_too_many(const struct sessions *sessions, uint64_t now_ms)
{
    const struct session *oldest = list_first(&sessions->gone);
    return oldest &&
           (sessions->gone.count > SESSIONS_GONE_MAX || oldest->notice.forgotten_ms <= now_ms);
}

/* Forget the ended sessions whose time has passed, and the oldest ones if there are too many. */
static void tidy(struct sessions *sessions)
{
    uint64_t now_ms = clock_wall_ms();
    while (has_too_many(sessions, now_ms))
        forget(list_take(&sessions->gone));
}

struct session *sessions_find(struct sessions *sessions, const char *owner, struct bytes name)
{
    tidy(sessions);
    struct session *session = list_first(bucket_of_name(sessions, owner, name));
    while (session && (!bytes_equal_string(name, session->notice.name) ||
                       strcmp(session->notice.owner, owner) != 0))
        session = node_next(&session->by_name);
    return session;
}

static bool is_live_of(const struct session *session, const char *owner)
{
    return !session_is_opening(session) && !session_is_gone(session) &&
           strcmp(session->notice.owner, owner) == 0;
}

struct session *sessions_next(const struct sessions *sessions, const char *owner,
                              const struct session *after)
{
    size_t at = after ? after->id & (SESSIONS_BUCKETS_COUNT - 1) : 0;
    struct session *session = after ? node_next(&after->by_id) : list_first(&sessions->by_id[at]);
    for (;;) {
        for (; session; session = node_next(&session->by_id)) {
            if (is_live_of(session, owner))
                return session;
        }
        if (++at == SESSIONS_BUCKETS_COUNT)
            return NULL;
        session = list_first(&sessions->by_id[at]);
    }
}

/* ---- ends ---- */

static void end(struct session *session, enum session_reason reason)
{
    struct session_notice *notice = &session->notice;
    notice->state = SESSION_GONE;
    notice->reason = reason;
    notice->idle_expires_ms = 0;
    notice->ended_ms = clock_wall_ms();
    notice->forgotten_ms = notice->ended_ms + session->all->keep_ms;
    buf_release(&session->record);
    session->env_at = 0;
    node_append(&session->ended, &session->all->gone);
}

void session_end(struct session *session)
{
    if (!session_is_gone(session))
        end(session, SESSION_DELETED);
}

/* ---- the broker's reports ---- */

bool session_record_begin(struct buf *out, uint32_t cpu_time_ms, uint64_t output_bytes)
{
    return wire_put_u64(out, WIRE_TAG_CPU_TIME_MS, cpu_time_ms) &&
           wire_put_u64(out, WIRE_TAG_OUTPUT_BYTES, output_bytes);
}

static bool take_number(struct bytes *rest, enum wire_tag wanted, uint64_t *number)
{
    uint16_t tag;
    struct bytes value;
    return wire_next(rest, &tag, &value) && tag == wanted && wire_get_u64(value, number);
}

static bool is_env(struct bytes rest)
{
    uint16_t tag;
    struct bytes value;
    while (wire_next(&rest, &tag, &value)) {
        if (tag != WIRE_TAG_ENV)
            return false;
    }
    return rest.len == 0;
}

/* A front has written the record, but perhaps one of another build. So its form is checked. */
static bool take_record(struct session *session, struct bytes record)
{
    struct bytes rest = record;
    uint64_t cpu_time_ms, output_bytes;
    if (!take_number(&rest, WIRE_TAG_CPU_TIME_MS, &cpu_time_ms) || cpu_time_ms > UINT32_MAX ||
        !take_number(&rest, WIRE_TAG_OUTPUT_BYTES, &output_bytes) || output_bytes == 0 ||
        !is_env(rest))
        return false;
    buf_truncate(&session->record, 0);
    if (!buf_append(&session->record, record.data, record.len))
        return false;
    session->cpu_time_ms = (uint32_t)cpu_time_ms;
    session->output_bytes = output_bytes;
    session->env_at = record.len - rest.len;
    return true;
}

struct bytes session_env(const struct session *session)
{
    struct bytes record = buf_bytes(&session->record);
    return bytes_of(record.data + session->env_at, record.len - session->env_at);
}

static bool take_live(struct session *session, const struct session_notice *notice)
{
    bool was_opening = session_is_opening(session);
    if (session_is_gone(session)) /* the notice was sent before our order to end it had arrived */
        return true;
    if (notice->record.len > 0 && !take_record(session, notice->record))
        return false;
    if (session->record.len == 0)
        return false;
    session->notice = *notice;
    session->notice.record = (struct bytes){0};
    if (was_opening)
        session->told_generation = notice->generation > 0 ? notice->generation : 1;
    return true;
}

static void take_gone(struct session *session, const struct session_notice *notice)
{
    bool is_first = !session->ended.list;
    if (is_first)
        end(session, notice->reason);
    if (session->notice.runtime[0] == '\0')
        session->notice = *notice;
    session->notice.record = (struct bytes){0};
    session->notice.reason = notice->reason;
    session->notice.forgotten_ms = notice->forgotten_ms;
}

/* The broker has no session with this id. A session that is being opened will be refused soon. */
static void take_unknown(struct session *session)
{
    if (session && !session_is_opening(session) && !session_is_gone(session))
        end(session, SESSION_GATEWAY_RESTART);
}

static void take_all_reported(struct sessions *sessions)
{
    sessions->is_known = true;
    for (size_t i = 0; i < SESSIONS_BUCKETS_COUNT; i++) {
        for (struct session *session = list_first(&sessions->by_id[i]); session;
             session = node_next(&session->by_id)) {
            if (!session->is_reported)
                take_unknown(session);
        }
    }
}

bool sessions_on_frame(struct sessions *sessions, const struct frame *frame)
{
    struct session_notice notice;
    if (frame->run_id == 0) {
        take_all_reported(sessions);
        return frame->payload.len == 0;
    }
    if (!session_notice_decode(frame->payload, &notice, NULL))
        return false;
    struct session *session = find_id(sessions, frame->run_id);
    if (notice.state == SESSION_GONE && notice.reason == SESSION_ENDED_NOT) {
        take_unknown(session);
        return true;
    }
    if (!session)
        session = session_new(sessions, frame->run_id, notice.owner, notice.name);
    if (!session)
        return false;
    session->is_reported = true;
    bool is_fine = notice.state == SESSION_GONE || take_live(session, &notice);
    if (notice.state == SESSION_GONE)
        take_gone(session, &notice);
    else if (session_is_opening(session) && session->turns.count == 0)
        forget(session);
    tidy(sessions);
    return is_fine;
}

void sessions_lose(struct sessions *sessions)
{
    sessions->is_known = false;
    for (size_t i = 0; i < SESSIONS_BUCKETS_COUNT; i++) {
        for (struct session *session = list_first(&sessions->by_id[i]); session;
             session = node_next(&session->by_id))
            session->is_reported = false;
    }
}

/* ---- opening ---- */

struct session *sessions_open(struct sessions *sessions, uint64_t id, const char *owner,
                              const char *name)
{
    struct session *session = session_new(sessions, id, owner, name);
    if (session)
        session_hold(session);
    return session;
}

void session_keep(struct session *session, uint32_t idle_ms)
{
    struct session_notice *notice = &session->notice;
    uint64_t now_ms = clock_wall_ms();
    if (idle_ms > 0)
        notice->idle_ms = idle_ms;
    if (notice->state == SESSION_IDLE)
        notice->idle_expires_ms = now_ms + notice->idle_ms < notice->expires_ms
                                      ? now_ms + notice->idle_ms
                                      : notice->expires_ms;
}

/* ---- turns ---- */

void session_turn_enter(struct session_turn *turn, struct session *session, uint64_t run_id,
                        bool is_cell)
{
    if (!session)
        return;
    *turn = (struct session_turn){.session = session, .run_id = run_id, .is_cell = is_cell};
    session_hold(session);
    node_init(&turn->node, turn);
    node_append(&turn->node, &session->turns);
}

void session_turn_leave(struct session_turn *turn)
{
    struct session *session = turn->session;
    if (!session)
        return;
    turn->session = NULL;
    node_remove(&turn->node);
    if (session_is_opening(session)) /* the run that should open it has failed */
        hide(session);
    session_release(session);
}

bool session_is_busy(const struct session *session)
{
    return session->turns.count > 0 || session->notice.state == SESSION_BUSY;
}

const char *session_running(const struct session *session, char text[JOB_EXECUTION_MAX + 1])
{
    const struct session_turn *first = list_first(&session->turns);
    if (session->notice.state == SESSION_BUSY && session->notice.execution[0])
        snprintf(text, JOB_EXECUTION_MAX + 1, "%s", session->notice.execution);
    else if (first)
        snprintf(text, JOB_EXECUTION_MAX + 1, "%016llx", (unsigned long long)first->run_id);
    else
        text[0] = '\0';
    return text;
}

void session_turn_end(struct session_turn *turn, const struct outcome *outcome,
                      struct session_note *note)
{
    struct session *session = turn->session;
    if (!session || !session->all->is_known || session_is_opening(session)) {
        session_turn_leave(turn);
        return;
    }
    const struct session_notice *notice = &session->notice;
    static const struct outcome none;
    bool has_run = outcome != NULL;
    if (!has_run)
        outcome = &none;
    uint64_t generation = outcome->generation ? outcome->generation : notice->generation;
    node_remove(&turn->node);
    *note = (struct session_note){
        .state = notice->state,
        .reason = notice->reason,
        .expires_ms = session_is_gone(session) ? 0 : notice->expires_ms,
        .idle_expires_ms = notice->idle_expires_ms,
        .generation = generation,
        .dropped_bytes = session->dropped_bytes + outcome->dropped_bytes,
        .is_state_lost = generation > session->told_generation || session_is_gone(session),
    };
    snprintf(note->name, sizeof note->name, "%s", notice->name);
    if (!session_is_gone(session) && session_is_busy(session))
        note->state = SESSION_BUSY;
    if (note->state == SESSION_BUSY)
        session_running(session, note->running);
    note->was_interrupted =
        (turn->was_interrupted || outcome->verdict == VERDICT_TIMEOUT) && !note->is_state_lost;
    bool is_told = turn->is_cell && has_run;
    if (is_told && generation > session->told_generation)
        session->told_generation = generation;
    session->dropped_bytes = is_told ? 0 : note->dropped_bytes;
    session_turn_leave(turn);
}
