#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/runs/sessions.h"

/* ---- a broker that reports ---- */

static struct sessions sessions;

static int set_up(void **state)
{
    (void)state;
    sessions = (struct sessions){.keep_ms = 60000};
    return 0;
}

/* End and forget each session, so that all memory is freed. */
static int tear_down(void **state)
{
    (void)state;
    struct frame all = {.type = WIRE_SESSION};
    sessions_lose(&sessions);
    assert_true(sessions_on_frame(&sessions, &all));
    for (struct session *each; (each = list_first(&sessions.gone));) {
        each->notice.forgotten_ms = 0;
        sessions_find(&sessions, "", bytes_of_string("x"));
    }
    for (size_t i = 0; i < SESSIONS_BUCKETS_COUNT; i++)
        assert_int_equal(sessions.by_id[i].count + sessions.by_name[i].count, 0);
    return 0;
}

static struct session_notice notice_of(const char *owner, const char *name)
{
    struct session_notice notice = {.state = SESSION_IDLE,
                                    .runtime = "python",
                                    .limits = {1 << 26, 1000, 64},
                                    .idle_ms = 5000,
                                    .life_ms = 60000,
                                    .created_ms = 1,
                                    .expires_ms = clock_wall_ms() + 60000,
                                    .idle_expires_ms = clock_wall_ms() + 5000,
                                    .generation = 1};
    snprintf(notice.owner, sizeof notice.owner, "%s", owner);
    snprintf(notice.name, sizeof notice.name, "%s", name);
    return notice;
}

static bool report(uint64_t id, const struct session_notice *notice)
{
    struct buf payload;
    buf_init(&payload, (size_t)1 << 20);
    assert_true(session_notice_encode(&payload, notice));
    struct frame frame = {.type = WIRE_SESSION, .run_id = id, .payload = buf_bytes(&payload)};
    bool is_fine = sessions_on_frame(&sessions, &frame);
    buf_release(&payload);
    return is_fine;
}

/* With a record of 7 ms of CPU time, 9 bytes of output and A=b. */
static bool report_first(uint64_t id, struct session_notice notice)
{
    struct buf record;
    buf_init(&record, 1000);
    assert_true(session_record_begin(&record, 7, 9));
    assert_true(job_put_env(&record, bytes_of_string("A"), bytes_of_string("b")));
    notice.record = buf_bytes(&record);
    bool is_fine = report(id, &notice);
    buf_release(&record);
    return is_fine;
}

static bool report_all(void)
{
    struct frame all = {.type = WIRE_SESSION};
    return sessions_on_frame(&sessions, &all);
}

static bool report_gone(uint64_t id, struct session_notice notice, enum session_reason reason)
{
    notice.state = SESSION_GONE;
    notice.reason = reason;
    notice.idle_expires_ms = 0;
    notice.ended_ms = clock_wall_ms();
    notice.forgotten_ms = notice.ended_ms + 60000;
    return report(id, &notice);
}

static struct session *find(const char *owner, const char *name)
{
    return sessions_find(&sessions, owner, bytes_of_string(name));
}

/* ---- the table ---- */

static void it_is_what_the_broker_has_reported(void **state)
{
    (void)state;
    assert_false(sessions.is_known);
    assert_true(report_first(1, notice_of("a", "s")));
    assert_true(report_all() && sessions.is_known);
    struct session *session = find("a", "s");
    assert_non_null(session);
    assert_int_equal(session->cpu_time_ms, 7);
    assert_int_equal(session->output_bytes, 9);
    struct bytes env = session_env(session), value;
    assert_true(job_next(&env, WIRE_TAG_ENV, &value) && bytes_equal_string(value, "A=b"));
    assert_false(session_is_busy(session) || session_is_gone(session));
    struct session_notice later = notice_of("a", "s");
    later.state = SESSION_BUSY;
    later.idle_expires_ms = 0;
    snprintf(later.execution, sizeof later.execution, "77");
    assert_true(report(1, &later));
    char running[JOB_EXECUTION_MAX + 1];
    assert_true(session_is_busy(session));
    assert_string_equal(session_running(session, running), "77");
    assert_int_equal(session_env(session).len, 6 + 3); /* the record stays */
}

static void names_belong_to_owners(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")) && report_first(2, notice_of("b", "s")));
    assert_true(report_first(3, notice_of("a", "t")));
    assert_int_equal(find("a", "s")->id, 1);
    assert_int_equal(find("b", "s")->id, 2);
    assert_null(find("c", "s"));
    assert_null(find("", "s"));
    assert_null(find("a", ""));
    size_t count = 0;
    for (struct session *each = sessions_next(&sessions, "a", NULL); each;
         each = sessions_next(&sessions, "a", each))
        count++;
    assert_int_equal(count, 2);
    assert_null(sessions_next(&sessions, "c", NULL));
}

static void what_has_ended_is_remembered_with_its_reason(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")));
    assert_true(report_gone(1, notice_of("a", "s"), SESSION_IDLE_TIMEOUT));
    assert_true(report_gone(2, notice_of("a", "t"), SESSION_MEMORY_LIMIT)); /* it was never live */
    assert_int_equal(find("a", "s")->notice.reason, SESSION_IDLE_TIMEOUT);
    assert_int_equal(find("a", "t")->notice.reason, SESSION_MEMORY_LIMIT);
    assert_null(sessions_next(&sessions, "a", NULL));
    find("a", "s")->notice.forgotten_ms = 0;
    assert_null(find("a", "s"));
    assert_non_null(find("a", "t"));
}

static void one_that_a_client_has_deleted_stays_gone(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")));
    session_end(find("a", "s"));
    assert_int_equal(find("a", "s")->notice.reason, SESSION_DELETED);
    struct session_notice crossed = notice_of("a", "s");
    assert_true(report(1, &crossed));
    assert_true(session_is_gone(find("a", "s")));
    /* The broker's report came first. */
    assert_true(report_gone(1, notice_of("a", "s"), SESSION_MAX_LIFETIME));
    assert_int_equal(find("a", "s")->notice.reason, SESSION_MAX_LIFETIME);
    assert_int_equal(sessions.gone.count, 1);
}

static void the_oldest_of_too_many_is_forgotten(void **state)
{
    (void)state;
    char name[16];
    for (uint64_t i = 1; i <= SESSIONS_GONE_MAX + 3; i++) {
        snprintf(name, sizeof name, "%u", (unsigned)i);
        assert_true(report_gone(i, notice_of("a", name), SESSION_CRASHED));
    }
    assert_int_equal(sessions.gone.count, SESSIONS_GONE_MAX);
    assert_null(find("a", "3"));
    assert_non_null(find("a", "4"));
}

static void another_broker_knows_no_earlier_session(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")) && report_first(2, notice_of("a", "t")));
    assert_true(report_gone(3, notice_of("a", "u"), SESSION_EVICTED) && report_all());
    sessions_lose(&sessions);
    assert_false(sessions.is_known);
    assert_true(report_first(2, notice_of("a", "t")));
    assert_false(session_is_gone(find("a", "s"))); /* the broker may still report it */
    assert_true(report_all() && sessions.is_known);
    assert_int_equal(find("a", "s")->notice.reason, SESSION_GATEWAY_RESTART);
    assert_false(session_is_gone(find("a", "t")));
    assert_int_equal(find("a", "u")->notice.reason, SESSION_EVICTED);
}

static void a_frame_that_breaks_the_protocol_is_refused(void **state)
{
    (void)state;
    struct session_notice notice = notice_of("a", "s");
    struct frame broken = {.type = WIRE_SESSION, .run_id = 1, .payload = bytes_of_string("x")};
    assert_false(sessions_on_frame(&sessions, &broken));
    broken.run_id = 0;
    assert_false(sessions_on_frame(&sessions, &broken));
    assert_false(report(1, &notice)); /* live, and without a record */
    notice.record = bytes_of_string("record");
    assert_false(report(1, &notice));
}

/* ---- opening ---- */

static void an_opening_is_live_once_it_is_reported(void **state)
{
    (void)state;
    struct session_turn turn = {.session = NULL};
    struct session *session = sessions_open(&sessions, 5, "a", "s");
    assert_true(session && session_is_opening(session) && find("a", "s") == session);
    assert_null(sessions_next(&sessions, "a", NULL));
    session_turn_enter(&turn, session, 50, false);
    assert_true(session_is_busy(session));
    assert_true(report_first(5, notice_of("a", "s")));
    struct session_note note = {.name = ""};
    session_turn_end(&turn, &(struct outcome){.generation = 1}, &note);
    session_release(session);
    assert_true(find("a", "s") == session && !session_is_busy(session));
}

static void a_failed_opening_never_was(void **state)
{
    (void)state;
    struct session_turn turn = {.session = NULL};
    struct session *session = sessions_open(&sessions, 5, "a", "s");
    struct session_note note = {.name = ""};
    session_turn_enter(&turn, session, 50, false);
    session_turn_end(&turn, NULL, &note);
    assert_string_equal(note.name, "");
    assert_null(find("a", "s"));
    session_release(session);
    session = sessions_open(&sessions, 6, "a", "s"); /* its run was never sent */
    session_release(session);
    assert_null(find("a", "s"));
}

/* ---- turns ---- */

static struct session_note run_of(struct session *session, bool is_cell,
                                  const struct outcome *outcome)
{
    struct session_turn turn = {.session = NULL};
    struct session_note note = {.name = ""};
    sessions.is_known = true;
    session_turn_enter(&turn, session, 50, is_cell);
    session_turn_end(&turn, outcome, &note);
    assert_null(turn.session);
    return note;
}

static void the_answer_tells_of_lost_state(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")));
    struct session *session = find("a", "s");
    struct outcome outcome = {.verdict = VERDICT_EXITED, .generation = 1, .dropped_bytes = 3};
    struct session_note note = run_of(session, true, &outcome);
    assert_string_equal(note.name, "s");
    assert_true(note.state == SESSION_IDLE && note.idle_expires_ms > 0 && note.expires_ms > 0);
    assert_true(note.generation == 1 && note.dropped_bytes == 3);
    assert_false(note.is_state_lost || note.was_interrupted);
    outcome.generation = 2;
    note = run_of(session, false, &outcome); /* the interpreter has died before files were moved */
    assert_true(note.is_state_lost);
    run_of(session, true, NULL); /* a cell that is refused has no such answer */
    outcome.dropped_bytes = 4;
    note = run_of(session, true, &outcome);
    assert_true(note.is_state_lost && note.generation == 2); /* no answer of a cell has said so */
    assert_int_equal(note.dropped_bytes, 7);
    outcome.dropped_bytes = 0;
    note = run_of(session, true, &outcome);
    assert_false(note.is_state_lost);
    assert_int_equal(note.dropped_bytes, 0);
    outcome.verdict = VERDICT_TIMEOUT;
    note = run_of(session, true, &outcome);
    assert_true(note.was_interrupted && !note.is_state_lost);
    outcome.generation = 3;
    note = run_of(session, true, &outcome);
    assert_true(!note.was_interrupted && note.is_state_lost);
}

static void a_run_outlives_its_session(void **state)
{
    (void)state;
    struct session_turn turn = {.session = NULL};
    struct session_note note = {.name = ""};
    sessions.is_known = true;
    assert_true(report_first(1, notice_of("a", "s")));
    session_turn_enter(&turn, find("a", "s"), 50, true);
    assert_true(report_gone(1, notice_of("a", "s"), SESSION_DELETED));
    find("a", "s")->notice.forgotten_ms = 0;
    assert_null(find("a", "s"));
    session_turn_end(&turn, &(struct outcome){.verdict = VERDICT_LOST}, &note);
    assert_true(note.state == SESSION_GONE && note.reason == SESSION_DELETED);
    assert_true(note.is_state_lost && note.expires_ms == 0 && note.idle_expires_ms == 0);
}

static void who_waits_makes_it_busy(void **state)
{
    (void)state;
    struct session_turn turns[2] = {{.session = NULL}, {.session = NULL}};
    struct session_note note = {.name = ""};
    char running[JOB_EXECUTION_MAX + 1];
    sessions.is_known = true;
    assert_true(report_first(1, notice_of("a", "s")));
    struct session *session = find("a", "s");
    session_turn_enter(&turns[0], session, 0xa, true);
    session_turn_enter(&turns[1], session, 0xb, true);
    assert_string_equal(session_running(session, running), "000000000000000a");
    session_turn_end(&turns[0], &(struct outcome){.generation = 1}, &note);
    assert_int_equal(note.state, SESSION_BUSY);
    assert_string_equal(note.running, "000000000000000b");
    session_turn_leave(&turns[1]);
    session_turn_leave(&turns[1]);
    assert_false(session_is_busy(session));
}

static void use_moves_the_end_of_idleness(void **state)
{
    (void)state;
    assert_true(report_first(1, notice_of("a", "s")));
    struct session *session = find("a", "s");
    uint64_t before_ms = session->notice.idle_expires_ms;
    session_keep(session, 20000);
    assert_true(session->notice.idle_ms == 20000 &&
                session->notice.idle_expires_ms >= before_ms + 14000);
    session_keep(session, 90000);
    assert_int_equal(session->notice.idle_expires_ms, session->notice.expires_ms);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_what_the_broker_has_reported),
        TEST(names_belong_to_owners),
        TEST(what_has_ended_is_remembered_with_its_reason),
        TEST(one_that_a_client_has_deleted_stays_gone),
        TEST(the_oldest_of_too_many_is_forgotten),
        TEST(another_broker_knows_no_earlier_session),
        TEST(a_frame_that_breaks_the_protocol_is_refused),
        TEST(an_opening_is_live_once_it_is_reported),
        TEST(a_failed_opening_never_was),
        TEST(the_answer_tells_of_lost_state),
        TEST(a_run_outlives_its_session),
        TEST(who_waits_makes_it_busy),
        TEST(use_moves_the_end_of_idleness),
    };
    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
