/* The table of sessions, with a clock that the test moves. */
#include "scripted_clock.h"

#include <stdio.h>

#include "broker/pool/leases.h"
#include "common/log.h"

#define KEPT_MS 10000

static struct config config;
static struct leases leases;
static uint64_t ended_ids[64];
static size_t ended_count;

static void on_ended(void *arg, struct lease *lease)
{
    (void)arg;
    assert_int_equal(lease->state, LEASE_ENDED);
    ended_ids[ended_count++ % COUNT(ended_ids)] = lease->id;
}

static int set_up(void **state)
{
    (void)state;
    config = (struct config){.max_boxes = 16,
                             .sessions_max = 4,
                             .sessions_per_key = 3,
                             .max_session_ms = 100000,
                             .executions_keep_ms = KEPT_MS,
                             .executions_max = 4};
    leases = (struct leases){.config = &config, .on_ended = on_ended};
    ended_count = 0;
    leases_init(&leases);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    leases_release(&leases);
    assert_int_equal(script_timer_count(), 0);
    return 0;
}

static uint64_t next_id;

static struct job opening(const char *owner, const char *name)
{
    struct job job = {.session_ms = 50000,
                      .session_idle_ms = 1000,
                      .box_scope = ++next_id,
                      .session_record = bytes_of_string("record"),
                      .limits = {.memory_bytes = 1, .cpu_millis = 2, .pids = 3}};
    snprintf(job.owner, sizeof job.owner, "%s", owner);
    snprintf(job.session_name, sizeof job.session_name, "%s", name);
    snprintf(job.runtime, sizeof job.runtime, "python");
    return job;
}

static enum error_kind asked(const char *owner, const char *name)
{
    struct job job = opening(owner, name);
    struct error err = {.kind = ERR_NONE};
    bool ok = leases_would_open(&leases, &job, &err);
    assert_true(ok == (err.kind == ERR_NONE));
    return err.kind;
}

static struct lease *opened(const char *owner, const char *name)
{
    struct job job = opening(owner, name);
    assert_true(leases_would_open(&leases, &job, NULL));
    struct lease *lease = leases_open(&leases, &job);
    assert_non_null(lease);
    leases_begin(&leases, lease);
    return lease;
}

static struct session_notice described(const struct lease *lease)
{
    struct session_notice notice;
    lease_describe(lease, KEPT_MS, false, &notice);
    return notice;
}

/* ---- names ---- */

static void a_name_is_its_owners(void **state)
{
    (void)state;
    struct job job = opening("alice", "a");
    struct lease *lease = leases_open(&leases, &job);
    assert_int_equal(asked("alice", "a"), ERR_SESSION_BUSY);
    assert_int_equal(asked("bob", "a"), ERR_NONE);
    leases_begin(&leases, lease);
    assert_int_equal(asked("alice", "a"), ERR_SESSION_TAKEN);
    leases_end(&leases, lease, SESSION_DELETED);
    assert_int_equal(asked("alice", "a"), ERR_SESSION_GONE);
    assert_int_equal(asked("bob", "a"), ERR_NONE);
    script_pass(KEPT_MS - 1);
    assert_int_equal(asked("alice", "a"), ERR_SESSION_GONE);
    script_pass(1);
    assert_int_equal(asked("alice", "a"), ERR_NONE);
    assert_int_equal(leases.ended.count, 0);
}

static void a_number_is_used_once(void **state)
{
    (void)state;
    struct lease *lease = opened("alice", "a");
    struct job job = opening("alice", "b");
    struct error err;
    job.box_scope = lease->id;
    assert_false(leases_would_open(&leases, &job, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    leases_end(&leases, lease, SESSION_CRASHED);
    assert_false(leases_would_open(&leases, &job, &err));
}

static void times_have_a_maximum(void **state)
{
    (void)state;
    struct error err;
    struct job job = opening("alice", "a");
    job.session_ms = 100001;
    assert_false(leases_would_open(&leases, &job, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    job.session_ms = 100000;
    job.session_idle_ms = 100001;
    assert_false(leases_would_open(&leases, &job, &err));
    job.session_idle_ms = 100000;
    assert_true(leases_would_open(&leases, &job, &err));
}

static void one_that_is_dropped_never_was(void **state)
{
    (void)state;
    struct job job = opening("alice", "a");
    struct lease *lease = leases_open(&leases, &job);
    assert_ptr_equal(leases_find(&leases, job.box_scope), lease);
    assert_null(leases_next(&leases, 0));
    leases_drop(&leases, lease);
    assert_null(leases_find(&leases, job.box_scope));
    assert_int_equal(asked("alice", "a"), ERR_NONE);
    assert_int_equal(ended_count, 0);
}

/* ---- times ---- */

static void it_ends_when_it_was_idle_for_too_long(void **state)
{
    (void)state;
    struct lease *lease = opened("alice", "a");
    script_pass(999);
    assert_int_equal(lease->state, LEASE_LIVE);
    leases_keep(&leases, lease, 0);
    script_pass(999);
    assert_int_equal(lease->state, LEASE_LIVE);
    assert_int_equal(described(lease).idle_expires_ms, clock_wall_ms() + 1);
    script_pass(1);
    assert_int_equal(lease->state, LEASE_ENDED);
    assert_int_equal(lease->reason, SESSION_IDLE_TIMEOUT);
    assert_int_equal(ended_count, 1);
}

static void it_is_not_idle_while_a_run_has_it(void **state)
{
    (void)state;
    struct run run = {.execution = "x1"};
    struct lease *lease = opened("alice", "a");
    lease->run = &run;
    leases_note_use(&leases, lease);
    script_pass(5000);
    assert_int_equal(lease->state, LEASE_LIVE);
    struct session_notice notice = described(lease);
    assert_true(notice.state == SESSION_BUSY && notice.idle_expires_ms == 0);
    assert_string_equal(notice.execution, "x1");
    lease->run = NULL;
    leases_note_use(&leases, lease);
    script_pass(999);
    assert_int_equal(lease->state, LEASE_LIVE);
    script_pass(1);
    assert_int_equal(lease->reason, SESSION_IDLE_TIMEOUT);
}

static void it_ends_at_its_greatest_age_whoever_has_it(void **state)
{
    (void)state;
    struct run run = {.execution = "x1"};
    struct lease *lease = opened("alice", "a");
    lease->run = &run;
    leases_note_use(&leases, lease);
    script_pass(49999);
    assert_int_equal(lease->state, LEASE_LIVE);
    script_pass(1);
    assert_int_equal(lease->reason, SESSION_MAX_LIFETIME);
}

static void an_idle_time_is_cut_to_the_life(void **state)
{
    (void)state;
    struct lease *lease = opened("alice", "a");
    leases_keep(&leases, lease, 70000);
    assert_int_equal(lease->idle_ms, 50000);
    leases_keep(&leases, lease, 5);
    script_pass(5);
    assert_int_equal(lease->reason, SESSION_IDLE_TIMEOUT);
}

static void it_ends_once(void **state)
{
    (void)state;
    struct lease *lease = opened("alice", "a");
    leases_end(&leases, lease, SESSION_EVICTED);
    leases_end(&leases, lease, SESSION_DELETED);
    assert_int_equal(lease->reason, SESSION_EVICTED);
    assert_int_equal(ended_count, 1);
    assert_int_equal(lease->record.len, 0);
    struct session_notice notice = described(lease);
    assert_int_equal(notice.state, SESSION_GONE);
    assert_int_equal(notice.forgotten_ms, notice.ended_ms + KEPT_MS);
}

/* ---- how many ---- */

static void an_owner_has_no_more_than_may_be(void **state)
{
    (void)state;
    opened("alice", "a");
    opened("alice", "b");
    struct job job = opening("alice", "c");
    leases_open(&leases, &job); /* a session counts even while it is being opened */
    assert_int_equal(asked("alice", "d"), ERR_SESSION_LIMIT);
    assert_int_equal(asked("bob", "d"), ERR_NONE);
}

static void the_longest_idle_of_a_larger_owner_gives_way(void **state)
{
    (void)state;
    struct run run = {.execution = ""};
    struct lease *busy = opened("alice", "a"), *second = opened("alice", "b");
    struct lease *third = opened("alice", "c"), *bobs = opened("bob", "a");
    busy->run = &run;
    script_pass(10);
    leases_note_use(&leases, second); /* now the third has been idle for longer */
    leases_note_use(&leases, busy);
    uint64_t third_id = third->id, second_id = second->id;
    opened("bob", "b");
    assert_int_equal(ended_count, 1);
    assert_int_equal(ended_ids[0], third_id);
    assert_int_equal(asked("bob", "c"), ERR_SESSION_LIMIT); /* bob would have more than alice */
    assert_int_equal(asked("alice", "d"), ERR_SESSION_LIMIT);
    script_pass(10);
    /* alice and bob have two each, so the one that was idle for longer is evicted */
    opened("carol", "a");
    assert_int_equal(ended_ids[1], bobs->id);
    opened("carol", "b");
    assert_int_equal(ended_ids[2], second_id);
    busy->run = NULL;
}

static void where_none_may_be_none_is(void **state)
{
    (void)state;
    config.sessions_max = 0;
    assert_int_equal(asked("alice", "a"), ERR_SESSION_LIMIT);
    config.sessions_max = 4;
    config.max_boxes = 1;
    assert_int_equal(asked("alice", "a"), ERR_SESSION_LIMIT);
}

static void only_so_many_are_remembered(void **state)
{
    (void)state;
    leases_end(&leases, opened("bob", "rare"), SESSION_CRASHED);
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        leases_end(&leases, opened("alice", name), SESSION_DELETED);
        script_pass(1);
    }
    assert_int_equal(leases.ended.count, 4);
    assert_int_equal(asked("bob", "rare"), ERR_SESSION_GONE);
    assert_int_equal(asked("alice", "n9"), ERR_SESSION_GONE);
    assert_int_equal(asked("alice", "n7"), ERR_SESSION_GONE);
    assert_int_equal(asked("alice", "n6"), ERR_NONE);
    leases_end(&leases, opened("carol", "c"), SESSION_DELETED);
    assert_int_equal(asked("alice", "n7"), ERR_NONE);
    assert_int_equal(asked("carol", "c"), ERR_SESSION_GONE);
    script_pass(KEPT_MS);
    assert_int_equal(leases.ended.count, 0);
}

/* ---- changes ---- */

static void a_reader_finds_what_changed_after_the_last_it_saw(void **state)
{
    (void)state;
    struct lease *a = opened("alice", "a"), *b = opened("alice", "b");
    assert_ptr_equal(leases_next(&leases, 0), a);
    assert_ptr_equal(leases_next(&leases, a->changed), b);
    assert_null(leases_next(&leases, b->changed));
    uint64_t seen = b->changed;
    leases_keep(&leases, a, 0);
    leases_keep(&leases, a, 0);
    assert_ptr_equal(leases_next(&leases, seen), a);
    assert_null(leases_next(&leases, a->changed));
    assert_true(a->opened <= seen);
    leases_end(&leases, b, SESSION_DELETED);
    assert_ptr_equal(leases_next(&leases, a->changed), b);
    assert_ptr_equal(leases_next(&leases, 0), a);
}

static void the_record_is_described_where_it_is_wanted(void **state)
{
    (void)state;
    struct session_notice notice;
    struct lease *lease = opened("alice", "a");
    lease_describe(lease, KEPT_MS, true, &notice);
    assert_true(bytes_equal_string(notice.record, "record"));
    assert_string_equal(notice.owner, "alice");
    assert_string_equal(notice.name, "a");
    assert_string_equal(notice.runtime, "python");
    assert_int_equal(notice.expires_ms, notice.created_ms + 50000);
    assert_int_equal(described(lease).record.len, 0);
}

static void a_run_is_found_by_its_execution(void **state)
{
    (void)state;
    struct run first = {.execution = "x1"}, second = {.execution = "x2"};
    struct lease *lease = opened("alice", "a");
    assert_null(lease_find_run(lease, ""));
    lease->run = &first;
    node_init(&second.node, &second);
    node_append(&second.node, &lease->turns);
    assert_ptr_equal(lease_find_run(lease, ""), &first);
    assert_ptr_equal(lease_find_run(lease, "x1"), &first);
    assert_ptr_equal(lease_find_run(lease, "x2"), &second);
    assert_null(lease_find_run(lease, "x3"));
    node_remove(&second.node);
    lease->run = NULL;
}

/* ---- anything in any order ---- */

/* The same numbers in each run. */
static unsigned chance(void)
{
    static uint64_t seed = 4711;
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33);
}

static void any_order_keeps_the_invariants(void **state)
{
    (void)state;
    static const char *const owners[] = {"a", "b", "c"};
    for (int i = 0; i < 20000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", chance() % 9);
        struct job job = opening(owners[chance() % 3], name);
        struct lease *live = list_first(&leases.live), *early = list_first(&leases.opening);
        unsigned what = chance() % 6;
        if (what == 0 && leases_would_open(&leases, &job, NULL))
            leases_open(&leases, &job);
        else if (what == 1 && early)
            leases_begin(&leases, early);
        else if (what == 2 && early)
            leases_drop(&leases, early);
        else if (what == 3 && live)
            leases_end(&leases, live, SESSION_DELETED);
        else if (what == 4 && live)
            leases_keep(&leases, live, 1 + chance() % 2000);
        else
            script_pass(chance() % 300);
        assert_true(leases.live.count + leases.opening.count <= 4);
        assert_true(leases.ended.count <= 4);
        assert_int_equal(leases.changes.count, leases.live.count + leases.ended.count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        test(a_name_is_its_owners),
        test(a_number_is_used_once),
        test(times_have_a_maximum),
        test(one_that_is_dropped_never_was),
        test(it_ends_when_it_was_idle_for_too_long),
        test(it_is_not_idle_while_a_run_has_it),
        test(it_ends_at_its_greatest_age_whoever_has_it),
        test(an_idle_time_is_cut_to_the_life),
        test(it_ends_once),
        test(an_owner_has_no_more_than_may_be),
        test(the_longest_idle_of_a_larger_owner_gives_way),
        test(where_none_may_be_none_is),
        test(only_so_many_are_remembered),
        test(a_reader_finds_what_changed_after_the_last_it_saw),
        test(the_record_is_described_where_it_is_wanted),
        test(a_run_is_found_by_its_execution),
        test(any_order_keeps_the_invariants),
    };
    log_init("test", LOG_FORMAT_JSON, LOG_ERROR);
    return cmocka_run_group_tests_name("leases", tests, NULL, NULL);
}
