/* Executions, their listeners, and the archive that keeps them. The link is a stub that records
 * calls.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/runs/archive.h"

/* ---- the link ---- */

static const struct run_sink *run_sink;
static void *run_arg;
static uint64_t next_id;
static unsigned cancels;
static bool refuses;

bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err)
{
    (void)link;
    (void)spec;
    if (refuses)
        return error_set(err, ERR_ENGINE, "not connected");
    run_sink = sink;
    run_arg = arg;
    *run_id = ++next_id;
    return true;
}

void link_cancel(struct link *link, uint64_t run_id)
{
    (void)link;
    assert_true(run_id >= 1 && run_id <= next_id);
    cancels++;
}

static unsigned interrupts;

void link_interrupt(struct link *link, uint64_t run_id)
{
    (void)link;
    assert_true(run_id >= 1 && run_id <= next_id);
    interrupts++;
}

/* ---- what every test has ---- */

static struct reactor reactor;
static struct config config;
static struct executions executions;
static struct archive *archive;
static struct buf frame;    /* the link takes no notice */
static struct claim nobody; /* no keys are configured: it stays empty */
static const struct job job = {.timeout_ms = 1000, .output_bytes = 1000};
static const struct execution_terms terms = {.job = &job, .frame = &frame};

static int set_up(void **state)
{
    (void)state;
    next_id = cancels = interrupts = 0;
    refuses = false;
    config = (struct config){
        .executions_max = 3, .executions_bytes = 1 << 20, .executions_keep_ms = 3600000};
    executions = (struct executions){.reactor = &reactor, .unread.max_bytes = 3 << 18};
    if (!reactor_init(&reactor))
        return -1;
    archive = archive_new(&config, &reactor);
    return archive ? 0 : -1;
}

static void *begin(void)
{
    struct error err;
    struct execution *execution = execution_begin(&executions, &terms, &nobody, &err);
    assert_non_null(execution);
    return execution;
}

static void say(void *arg, const char *text)
{
    run_sink->on_output(arg, WIRE_STDOUT, bytes_of_string(text));
}

static void end(void *arg)
{
    run_sink->on_end(arg, &(struct outcome){.verdict = VERDICT_EXITED});
}

/* Returns true if an execution is kept under this ID. */
static bool is_kept(uint64_t id)
{
    bool was_there;
    return archive_find(archive, "", id, &was_there) != NULL;
}

static bool was_there(uint64_t id)
{
    bool was;
    archive_find(archive, "", id, &was);
    return was;
}

/* Drop all executions that are kept and have ended. */
static int tear_down(void **state)
{
    (void)state;
    executions_stop_all(&executions);
    config.executions_bytes = 0;
    void *last = begin();
    assert_true(archive_keep(archive, last, "", NULL));
    end(last);
    for (uint64_t id = 1; id <= next_id; id++)
        assert_false(is_kept(id));
    assert_int_equal(executions.unfinished.count, 0);
    free(archive);
    reactor_release(&reactor);
    return 0;
}

static void keep_and_end(void *execution)
{
    assert_true(archive_keep(archive, execution, "", NULL));
    end(execution);
}

/* ---- in a session ---- */

static void on_any_said(struct listener *listener)
{
    (void)listener;
}

/* Begin a cell that is kept, with a caller. */
static struct execution *begin_cell(struct sessions *sessions, struct listener *caller,
                                    bool ends_with_caller)
{
    struct error err;
    static const struct job cell = {.timeout_ms = 1000, .output_bytes = 1000, .is_cell = true};
    struct session *session = sessions_open(sessions, 9, "", "s");
    const struct execution_terms in_session = {.job = &cell,
                                               .frame = &frame,
                                               .run_id = 1,
                                               .session = session,
                                               .ends_with_caller = ends_with_caller};
    struct execution *execution = execution_begin(&executions, &in_session, &nobody, &err);
    assert_non_null(execution);
    assert_true(archive_keep(archive, execution, "", NULL));
    *caller = (struct listener){.on_said = on_any_said, .is_caller = true};
    execution_attach(execution, caller);
    assert_int_equal(session->turns.count, 1);
    assert_true(execution_of_turn(list_first(&session->turns)) == execution);
    session_release(session);
    return execution;
}

static void a_cell_is_interrupted_when_its_caller_has_left(void **state)
{
    (void)state;
    static struct sessions sessions;
    struct listener caller;
    struct execution *execution = begin_cell(&sessions, &caller, true);
    execution_detach(&caller);
    assert_int_equal(interrupts, 1);
    assert_false(execution_is_finished(execution)); /* its END comes */
    end(execution);
    assert_true(is_kept(1));
    assert_int_equal(cancels, 0);
}

static void a_cell_that_may_go_on_is_not(void **state)
{
    (void)state;
    static struct sessions sessions;
    struct listener caller, other = {.on_said = on_any_said, .is_caller = true};
    struct execution *execution = begin_cell(&sessions, &caller, false);
    execution_detach(&caller);
    assert_int_equal(interrupts, 0);
    end(execution);
    static struct sessions more;
    next_id = 1;
    execution = begin_cell(&more, &caller, true);
    execution_attach(execution, &other);
    execution_detach(&caller); /* another caller is left */
    assert_int_equal(interrupts, 0);
    end(execution);
    execution_detach(&other); /* it has ended */
    assert_int_equal(interrupts + cancels, 0);
}

static void a_cell_that_is_canceled_is_interrupted(void **state)
{
    (void)state;
    static struct sessions sessions;
    struct listener caller;
    struct execution *execution = begin_cell(&sessions, &caller, true);
    execution_cancel(execution);
    assert_int_equal(interrupts, 1);
    assert_false(execution_is_finished(execution));
    run_sink->on_refused(execution, &(struct error){.kind = ERR_SESSION_BUSY}, 1000);
    assert_true(execution_is_finished(execution));
    execution_detach(&caller);
    assert_int_equal(cancels, 0);
}

/* ---- listeners ---- */

static char trace[256];

struct ear {
    struct listener listener;
    const char *name;
    struct ear *silences; /* detached when this one is told */
};

static void on_said(struct listener *listener)
{
    struct ear *ear = (struct ear *)listener;
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "%s", ear->name);
    if (ear->silences)
        execution_detach(&ear->silences->listener);
}

static struct ear ear_of(const char *name)
{
    return (struct ear){.listener = {.on_said = on_said}, .name = name};
}

static void all_are_told_in_order(void **state)
{
    (void)state;
    struct ear a = ear_of("a"), b = ear_of("b");
    void *execution = begin();
    trace[0] = '\0';
    execution_attach(execution, &a.listener);
    execution_attach(execution, &b.listener);
    run_sink->on_paired(execution, 1, true);
    run_sink->on_started(execution, false);
    say(execution, "x");
    end(execution);
    assert_string_equal(trace, "ababab");
    assert_true(execution_is_finished(execution));
    execution_detach(&a.listener);
    execution_detach(&b.listener);
    assert_int_equal(cancels, 0);
}

static void whom_one_silences_is_not_told(void **state)
{
    (void)state;
    struct ear a = ear_of("a"), b = ear_of("b"), c = ear_of("c");
    void *execution = begin();
    trace[0] = '\0';
    execution_attach(execution, &a.listener);
    execution_attach(execution, &b.listener);
    execution_attach(execution, &c.listener);
    a.silences = &b;
    c.silences = &c;
    say(execution, "x");
    assert_string_equal(trace, "ac");
    a.silences = &a;
    say(execution, "y");
    assert_string_equal(trace, "aca");
    assert_int_equal(cancels, 1); /* nobody was left: it is canceled, and gone */
    assert_int_equal(executions.unfinished.count, 0);
}

static void the_last_to_leave_cancels(void **state)
{
    (void)state;
    struct ear a = ear_of("a"), b = ear_of("b");
    void *execution = begin();
    execution_attach(execution, &a.listener);
    execution_attach(execution, &b.listener);
    execution_detach(&a.listener);
    execution_detach(&a.listener);
    assert_int_equal(cancels, 0);
    execution_detach(&b.listener);
    assert_int_equal(cancels, 1);
}

static void what_nobody_wants_is_settled(void **state)
{
    (void)state;
    struct ear a = ear_of("a");
    struct execution *execution = begin();
    execution_attach(execution, &a.listener);
    execution_drop_unheard(execution);
    assert_int_equal(cancels, 0);
    execution_detach(&a.listener);
    execution_drop_unheard(begin());
    assert_int_equal(cancels, 2);
}

static void a_link_that_refuses_is_an_error(void **state)
{
    (void)state;
    struct error err;
    refuses = true;
    assert_null(execution_begin(&executions, &terms, &nobody, &err));
    assert_string_equal(err.text, "not connected");
    assert_int_equal(executions.unfinished.count, 0);
    refuses = false;
}

static void a_stop_tells_what_is_true(void **state)
{
    (void)state;
    struct ear a = ear_of("a"), b = ear_of("b");
    struct execution *queued = begin();
    execution_attach(queued, &a.listener);
    struct execution *running = begin();
    execution_attach(running, &b.listener);
    run_sink->on_paired(running, 1, false);
    executions_stop_all(&executions);
    assert_int_equal(execution_transcript(queued)->state, TRANSCRIPT_REFUSED);
    assert_int_equal(execution_transcript(queued)->refusal_kind, ERR_DRAINING);
    assert_int_equal(execution_transcript(running)->state, TRANSCRIPT_ENDED);
    assert_int_equal(execution_transcript(running)->outcome.verdict, VERDICT_LOST);
    execution_detach(&a.listener);
    execution_detach(&b.listener);
}

/* ---- places and memory ---- */

static struct account account;

static struct execution *begin_with_claim(struct claim *claim)
{
    struct error err;
    account.runs++;
    *claim = (struct claim){.account = &account};
    return execution_begin(&executions, &terms, claim, &err);
}

static void a_place_is_given_back_when_no_caller_is_left(void **state)
{
    (void)state;
    struct ear caller = ear_of("a"), other = ear_of("b");
    struct claim claim;
    account = (struct account){.runs = 0};
    caller.listener.is_caller = true;
    struct execution *execution = begin_with_claim(&claim);
    execution_attach(execution, &caller.listener);
    execution_attach(execution, &other.listener);
    end(execution);
    assert_int_equal(account.runs, 1);
    execution_detach(&caller.listener);
    assert_int_equal(account.runs, 0);
    execution_detach(&other.listener);
    assert_int_equal(account.runs, 0);
}

static void without_a_caller_it_is_given_back_at_the_end(void **state)
{
    (void)state;
    struct ear caller = ear_of("a"), other = ear_of("b");
    struct claim claim;
    account = (struct account){.runs = 0};
    caller.listener.is_caller = true;
    struct execution *execution = begin_with_claim(&claim);
    execution_attach(execution, &caller.listener);
    execution_attach(execution, &other.listener);
    execution_detach(&caller.listener);
    assert_int_equal(account.runs, 1); /* its run goes on */
    end(execution);
    assert_int_equal(account.runs, 0);
    execution_detach(&other.listener);
}

static uint64_t slow_ms_of_ear;

static uint64_t ear_slow_ms(const struct listener *listener)
{
    (void)listener;
    return slow_ms_of_ear;
}

static void on_evicted(struct listener *listener)
{
    (void)listener;
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "!");
}

/* An execution with a slow reader is dropped for a run with more output, but not one with a quick
 * reader. */
static void a_slow_reader_gives_way(void **state)
{
    (void)state;
    static char text[900];
    memset(text, 'x', sizeof text - 1);
    struct ear reader = ear_of("r"), other = ear_of("o");
    reader.listener.on_evicted = on_evicted;
    reader.listener.slow_ms = ear_slow_ms;
    struct execution *ended = begin();
    execution_attach(ended, &reader.listener);
    say(ended, text);
    end(ended);
    executions.unread.max_bytes = executions.unread.bytes + sizeof(struct transcript) - 216;
    struct execution *going = begin();
    execution_attach(going, &other.listener);
    trace[0] = '\0';
    slow_ms_of_ear = 0;
    say(going, "cut");
    assert_string_equal(trace, "o");
    assert_true(execution_transcript(going)->is_short);
    struct ear third = ear_of("t");
    struct execution *next = begin();
    execution_attach(next, &third.listener);
    trace[0] = '\0';
    slow_ms_of_ear = 5000;
    say(next, text);
    assert_string_equal(trace, "!t");
    assert_false(execution_transcript(next)->is_short);
    execution_detach(&reader.listener);
    execution_detach(&other.listener);
    execution_detach(&third.listener);
}

/* If another owner needs memory, the largest run is ended and its listeners are informed. */
static void the_largest_run_of_a_crowd_is_ended_as_failed(void **state)
{
    (void)state;
    static char text[900];
    memset(text, 'x', sizeof text - 1);
    struct ear crowd = ear_of("c"), other = ear_of("o");
    struct error err;
    struct job of_crowd = job;
    snprintf(of_crowd.owner, sizeof of_crowd.owner, "crowd");
    struct execution *large = execution_begin(
        &executions, &(struct execution_terms){.job = &of_crowd, .frame = &frame}, &nobody, &err);
    execution_attach(large, &crowd.listener);
    run_sink->on_started(large, false);
    say(large, text);
    executions.unread.max_bytes = executions.unread.bytes + 600;
    struct execution *small = begin();
    execution_attach(small, &other.listener);
    trace[0] = '\0';
    say(small, "more");
    assert_string_equal(trace, "co");
    assert_int_equal(cancels, 1);
    const struct transcript *lost = execution_transcript(large);
    assert_int_equal(lost->outcome.verdict, VERDICT_LOST);
    assert_int_equal(lost->out.kept.len, 0);
    assert_false(execution_transcript(small)->is_short);
    execution_detach(&crowd.listener);
    execution_detach(&other.listener);
}

static void what_is_kept_is_counted_once(void **state)
{
    (void)state;
    struct ear reader = ear_of("r");
    struct execution *execution = begin();
    assert_true(archive_keep(archive, execution, "", NULL));
    say(execution, "x");
    assert_true(executions.unread.bytes > 0);
    execution_attach(execution, &reader.listener);
    end(execution);
    assert_int_equal(executions.unread.bytes, 0);
    config.executions_bytes = 0;
    keep_and_end(begin());
    assert_false(is_kept(1));
    assert_true(executions.unread.bytes > 0); /* it is still read */
    execution_detach(&reader.listener);
    assert_int_equal(executions.unread.bytes, 0);
}

/* ---- the archive ---- */

static void keep(void *execution)
{
    assert_true(archive_has_room(archive));
    assert_true(archive_keep(archive, execution, "", NULL));
}

static void what_is_kept_goes_on_alone(void **state)
{
    (void)state;
    struct ear a = ear_of("a");
    void *execution = begin();
    keep(execution);
    execution_attach(execution, &a.listener);
    execution_detach(&a.listener);
    assert_int_equal(cancels, 0);
    end(execution);
    assert_true(is_kept(1));
    assert_false(is_kept(2));
    assert_false(was_there(2));
    assert_false(was_there(0));
}

static void the_oldest_that_is_over_makes_room(void **state)
{
    (void)state;
    void *begun[4];
    for (int i = 0; i < 3; i++)
        keep(begun[i] = begin());
    assert_false(archive_has_room(archive));
    end(begun[1]);
    end(begun[0]);
    keep(begin());
    assert_true(is_kept(1) && !is_kept(2) && is_kept(3) && is_kept(4));
    assert_true(was_there(2));
    keep(begin());
    assert_true(!is_kept(1) && is_kept(3));
    assert_false(archive_has_room(archive));
}

static void memory_is_bounded(void **state)
{
    (void)state;
    struct execution *execution = NULL;
    for (int i = 0; i < 3; i++) {
        keep(execution = begin());
        say(execution, "x");
        config.executions_bytes = 2 * transcript_bytes(execution_transcript(execution));
        end(execution);
    }
    assert_true(!is_kept(1) && is_kept(2) && is_kept(3));
}

static void one_too_large_is_not_kept_but_heard(void **state)
{
    (void)state;
    struct ear a = ear_of("a");
    config.executions_bytes = 10;
    struct execution *execution = begin();
    keep(execution);
    execution_attach(execution, &a.listener);
    trace[0] = '\0';
    end(execution);
    assert_string_equal(trace, "a");
    assert_true(!is_kept(1) && was_there(1));
    assert_true(execution_is_finished(execution));
    execution_detach(&a.listener);
}

static void time_lets_go(void **state)
{
    (void)state;
    config.executions_keep_ms = 0;
    void *first = begin();
    keep(first);
    keep(begin());
    end(first);
    assert_true(is_kept(1));
    timers_fire(&reactor.timers);
    assert_true(!is_kept(1) && was_there(1) && is_kept(2));
}

static void owners_do_not_see_each_other(void **state)
{
    (void)state;
    bool was;
    assert_true(archive_keep(archive, begin(), "ann", NULL));
    assert_null(archive_find(archive, "bob", 1, &was));
    assert_false(was);
    assert_non_null(archive_find(archive, "ann", 1, &was));
}

static bool is_kept_for(const char *owner, uint64_t id)
{
    bool was;
    return archive_find(archive, owner, id, &was) != NULL;
}

/* Keep an execution that printed `text` and has ended. Its ID is next_id. */
static void keep_one_of(const char *owner, const char *text)
{
    void *execution = begin();
    assert_true(archive_keep(archive, execution, owner, NULL));
    say(execution, text);
    end(execution);
}

static void whoever_holds_most_makes_room(void **state)
{
    (void)state;
    config.executions_max = 4;
    keep_one_of("bob", "");
    for (int i = 0; i < 4; i++)
        keep_one_of("ann", "");
    assert_true(!is_kept_for("ann", 2) && is_kept_for("ann", 3));
    keep_one_of("bob", "");
    assert_true(!is_kept_for("ann", 3) && is_kept_for("ann", 4) && is_kept_for("bob", 1));
    keep_one_of("bob", "");
    assert_true(!is_kept_for("bob", 1) && is_kept_for("bob", 6) && is_kept_for("bob", 7));
    assert_true(is_kept_for("ann", 4) && is_kept_for("ann", 5));
}

static void one_whose_runs_all_go_on_has_nothing_to_give(void **state)
{
    (void)state;
    assert_true(archive_keep(archive, begin(), "ann", NULL));
    assert_true(archive_keep(archive, begin(), "ann", NULL));
    keep_one_of("bob", "");
    assert_true(archive_keep(archive, begin(), "ann", NULL));
    assert_true(is_kept_for("ann", 1) && is_kept_for("ann", 4) && !is_kept_for("bob", 3));
}

static size_t bytes_of_kept(const char *owner, uint64_t id)
{
    bool was;
    return transcript_bytes(execution_transcript(archive_find(archive, owner, id, &was)));
}

static void whoever_holds_most_memory_makes_room(void **state)
{
    (void)state;
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    config.executions_max = 10;
    keep_one_of("bob", "");
    keep_one_of("bob", "");
    keep_one_of("ann", text);
    config.executions_bytes = 2 * bytes_of_kept("bob", 1) + bytes_of_kept("ann", 3);
    keep_one_of("ann", text);
    assert_true(is_kept_for("bob", 1) && is_kept_for("bob", 2));
    assert_true(!is_kept_for("ann", 3) && is_kept_for("ann", 4));
}

static void only_its_owner_is_told_that_one_is_gone(void **state)
{
    (void)state;
    bool was;
    config.executions_max = 1;
    keep_one_of("ann", "");
    keep_one_of("ann", "");
    assert_null(archive_find(archive, "ann", 1, &was));
    assert_true(was);
    assert_null(archive_find(archive, "bob", 1, &was));
    assert_false(was);
}

static struct idempotency key_of(const char *key, const char *body)
{
    struct idempotency made;
    assert_true(fingerprint_of(bytes_of_string(key), &made.id));
    assert_true(fingerprint_of(bytes_of_string(body), &made.body));
    return made;
}

static void a_key_finds_its_run_until_that_is_refused(void **state)
{
    (void)state;
    bool is_same = false;
    const struct idempotency key = key_of("k", "body"), other_body = key_of("k", "other"),
                             other_key = key_of("l", "body");
    struct execution *execution = begin();
    assert_true(archive_keep(archive, execution, "", &key));
    assert_ptr_equal(archive_find_same(archive, &key, &is_same), execution);
    assert_true(is_same);
    assert_ptr_equal(archive_find_same(archive, &other_body, &is_same), execution);
    assert_false(is_same);
    assert_null(archive_find_same(archive, &other_key, &is_same));
    run_sink->on_refused(execution, &(struct error){ERR_BUSY, "full"}, 0);
    assert_null(archive_find_same(archive, &key, &is_same));
    assert_true(is_kept(1));
}

static void a_fingerprint_is_sha_256(void **state)
{
    (void)state;
    static const uint8_t abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    struct fingerprint fingerprint;
    assert_true(fingerprint_of(bytes_of_string("abc"), &fingerprint));
    assert_memory_equal(fingerprint.bytes, abc, sizeof abc);
    assert_true(fingerprint_of((struct bytes){0}, &fingerprint));
}

/* ---- everything, in any order: the sanitizers watch ---- */

#define WALKERS 12
#define STEPS 20000

static struct ear walkers[WALKERS];

static void walk_on_said(struct listener *listener)
{
    (void)listener;
    if (random() % 8 == 0)
        execution_detach(&walkers[random() % WALKERS].listener);
}

static void attach_anywhere(struct listener *listener)
{
    bool was;
    struct execution *execution = archive_find(archive, "", 1 + (uint64_t)random() % next_id, &was);
    if (execution && !listener->execution)
        execution_attach(execution, listener);
}

static void on_label_said(struct listener *listener)
{
    (void)listener;
}

static struct listener *listening(void *execution)
{
    struct listener *listener = calloc(1, sizeof *listener);
    assert_non_null(listener);
    listener->on_said = on_label_said;
    execution_attach(execution, listener);
    return listener;
}

static void a_label_finds_the_only_one_that_is_unfinished(void **state)
{
    (void)state;
    static const uint8_t one[EXECUTION_LABEL_BYTES] = {1}, two[EXECUTION_LABEL_BYTES] = {2};
    void *executions_of[3];
    struct listener *listeners[3];
    assert_null(executions_find(&executions, one));
    for (size_t i = 0; i < COUNT(listeners); i++) {
        executions_of[i] = begin();
        listeners[i] = listening(executions_of[i]);
    }
    assert_null(executions_find(&executions, (const uint8_t[EXECUTION_LABEL_BYTES]){0}));
    execution_set_label(executions_of[0], one);
    execution_set_label(executions_of[1], two);
    assert_ptr_equal(executions_find(&executions, one), executions_of[0]);
    execution_set_label(executions_of[2], one);
    assert_null(executions_find(&executions, one));
    assert_ptr_equal(executions_find(&executions, two), executions_of[1]);
    execution_cancel(executions_of[2]);
    assert_ptr_equal(executions_find(&executions, one), executions_of[0]);
    for (size_t i = 0; i < COUNT(listeners); i++) {
        execution_detach(listeners[i]);
        free(listeners[i]);
    }
    assert_null(executions_find(&executions, one));
}

static void walk_begin(struct listener *listener)
{
    struct execution *execution = begin();
    if (random() % 2 && archive_has_room(archive))
        keep(execution);
    if (!listener->execution && random() % 2)
        execution_attach(execution, listener);
    execution_drop_unheard(execution);
}

static void step(struct listener *listener)
{
    struct execution *going = list_first(&executions.unfinished);
    switch (random() % 8) {
    case 0:
        walk_begin(listener);
        break;
    case 1:
        attach_anywhere(listener);
        break;
    case 2:
        execution_detach(listener);
        break;
    case 3:
        if (listener->execution)
            execution_cancel(listener->execution);
        break;
    case 4:
        if (going)
            run_sink->on_refused(going, &(struct error){ERR_BUSY, "full"}, 0);
        break;
    case 5:
        if (going)
            end(going);
        break;
    case 6:
        executions.unread.max_bytes = (uint64_t)random() % 8000;
        break;
    default:
        if (going)
            say(going, "more");
        break;
    }
}

static void a_random_walk_leaves_nothing(void **state)
{
    (void)state;
    srandom(4);
    for (size_t i = 0; i < WALKERS; i++)
        walkers[i] = (struct ear){.listener = {.on_said = walk_on_said}};
    walk_begin(&walkers[0].listener);
    for (size_t i = 0; i < STEPS; i++) {
        step(&walkers[random() % WALKERS].listener);
        assert_true(executions.unfinished.count <= WALKERS + config.executions_max);
    }
    for (size_t i = 0; i < WALKERS; i++)
        execution_detach(&walkers[i].listener);
    assert_true(executions.unfinished.count <= config.executions_max);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_label_finds_the_only_one_that_is_unfinished),
        TEST(a_cell_is_interrupted_when_its_caller_has_left),
        TEST(a_cell_that_may_go_on_is_not),
        TEST(a_cell_that_is_canceled_is_interrupted),
        TEST(all_are_told_in_order),
        TEST(whom_one_silences_is_not_told),
        TEST(the_last_to_leave_cancels),
        TEST(what_nobody_wants_is_settled),
        TEST(a_link_that_refuses_is_an_error),
        TEST(a_stop_tells_what_is_true),
        TEST(a_place_is_given_back_when_no_caller_is_left),
        TEST(without_a_caller_it_is_given_back_at_the_end),
        TEST(a_slow_reader_gives_way),
        TEST(the_largest_run_of_a_crowd_is_ended_as_failed),
        TEST(what_is_kept_is_counted_once),
        TEST(what_is_kept_goes_on_alone),
        TEST(the_oldest_that_is_over_makes_room),
        TEST(memory_is_bounded),
        TEST(one_too_large_is_not_kept_but_heard),
        TEST(time_lets_go),
        TEST(owners_do_not_see_each_other),
        TEST(whoever_holds_most_makes_room),
        TEST(one_whose_runs_all_go_on_has_nothing_to_give),
        TEST(whoever_holds_most_memory_makes_room),
        TEST(only_its_owner_is_told_that_one_is_gone),
        TEST(a_key_finds_its_run_until_that_is_refused),
        TEST(a_fingerprint_is_sha_256),
        TEST(a_random_walk_leaves_nothing),
    };
    return cmocka_run_group_tests_name("execution", tests, NULL, NULL);
}
