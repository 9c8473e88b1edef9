/* The pool against a scripted engine: admission, pairing, order, trouble; then a seeded random
 * walk with the invariants checked after every step. */
#include "scripted_docker.h"

/* The invariants are about the inside of a pool. */
#include "broker/pool/pool.c" /* NOLINT(bugprone-suspicious-include) */
#include "common/outcome.h"
#include "common/refused.h"

/* ---- an engine that is up or down as told ---- */

static bool engine_up = true;
static const struct docker_engine info = {.cpus = 2};
static const struct docker_image image = {.id = "sha256:0123", .template = "/template"};

bool engine_is_up(const struct engine *engine)
{
    (void)engine;
    return engine_up;
}

const char *engine_trouble(const struct engine *engine)
{
    (void)engine;
    return engine_up ? "" : "the engine is down";
}

const struct docker_engine *engine_info(const struct engine *engine)
{
    (void)engine;
    return &info;
}

const struct docker_image *engine_image(const struct engine *engine, size_t runtime_index)
{
    (void)engine;
    (void)runtime_index;
    return &image;
}

struct bytes engine_seccomp(const struct engine *engine)
{
    (void)engine;
    return bytes_of_string("{}");
}

const char *engine_seccomp_path(const struct engine *engine)
{
    (void)engine;
    return "";
}

void engine_suspect(struct engine *engine)
{
    (void)engine;
}

/* ---- a pool, and runs that remember what they were told ---- */

static struct config config = {
    .runtimes_count = 1,
    .runtimes = {{.name = "python", .image = "mayfly-python", .warm = 2}},
    .uid_base = 60000,
    .uid_blocks = 4096,
    .max_boxes = 4,
    .parallel_starts = 2,
    .max_waiting = 5,
    .max_waiting_bytes = 100000,
    .engine_timeout_ms = 1000,
    .box_age_ms = 600000,
    .max_timeout_ms = 30000,
    .default_limits = {.memory_bytes = 100, .cpu_millis = 1000, .pids = 10},
    .max_limits = {.memory_bytes = 1000, .cpu_millis = 2000, .pids = 100},
    .max_output_bytes = 1000,
    .output_files_bytes = 1000,
    .output_file_bytes = 500,
    .tmpfs_bytes = 1000,
};
static struct pool *pool;

#define TICKETS 72
static struct ticket {
    struct run *run; /* NULL: over, or never there */
    unsigned words;  /* last words heard */
    enum wire_type last;
    enum verdict verdict;
    struct error refusal;
    bool warm;
    bool awaits_begin; /* its PAIRED was not written */
} tickets[TICKETS];

static bool is_stopped; /* the front does not read: what it is told waits */

static bool on_frame(void *arg, struct run *run, const struct frame *frame)
{
    struct ticket *ticket = arg;
    struct outcome outcome;
    assert_ptr_equal(ticket->run, run);
    ticket->last = frame->type;
    if (frame->type == WIRE_PAIRED) {
        ticket->warm = frame->payload.data[frame->payload.len - 1] != 0;
        ticket->awaits_begin = is_stopped;
    }
    if (frame->type == WIRE_END) {
        assert_true(outcome_decode(frame->payload, &outcome, NULL));
        ticket->verdict = outcome.verdict;
    }
    uint32_t told_ms;
    if (frame->type == WIRE_REFUSED)
        assert_true(refused_decode(frame->payload, &ticket->refusal, &told_ms));
    if (frame->type == WIRE_END || frame->type == WIRE_REFUSED) {
        ticket->run = NULL;
        ticket->words++;
    }
    return !is_stopped;
}

static struct audience audience = {.on_frame = on_frame};
static struct audience other_audience = {.on_frame = on_frame};
static struct audience *listener = &audience;

static const char *owner = "";

static struct job job_with(uint64_t memory_bytes)
{
    struct job job = {.runtime = "python",
                      .timeout_ms = 2000,
                      .queue_timeout_ms = 5000,
                      .limits = {.memory_bytes = memory_bytes, .cpu_millis = 1000, .pids = 10},
                      .output_bytes = 100,
                      .source = bytes_of("x", 1)};
    snprintf(job.owner, sizeof(job.owner), "%s", owner);
    return job;
}

static struct buf frame_of(uint64_t run_id, const struct job *job)
{
    struct buf frame;
    size_t mark;
    buf_init(&frame, 4000);
    assert_true(wire_begin(&frame, WIRE_RUN, run_id, &mark) && job_encode(&frame, job));
    wire_end(&frame, mark);
    return frame;
}

static uint32_t retry_ms; /* of the last submission that was refused */

static enum error_kind submit_job(size_t i, const struct job *job)
{
    struct buf frame = frame_of(i + 1, job);
    struct error err = {.kind = ERR_NONE};
    tickets[i] = (struct ticket){.run = NULL};
    tickets[i].run = pool_submit(pool, &frame, listener, &tickets[i], &retry_ms, &err);
    buf_release(&frame);
    assert_true(tickets[i].run || retry_ms > 0);
    return tickets[i].run ? ERR_NONE : err.kind;
}

static enum error_kind submit_with(size_t i, uint64_t memory_bytes)
{
    const struct job job = job_with(memory_bytes);
    return submit_job(i, &job);
}

static void submit_canary(size_t i)
{
    const struct job job = job_with(config.default_limits.memory_bytes);
    struct buf frame = frame_of(i + 1, &job);
    struct error err;
    tickets[i] = (struct ticket){.run = NULL};
    tickets[i].run = pool_submit_canary(pool, &frame, &audience, &tickets[i], &err);
    buf_release(&frame);
}

static enum error_kind submit(size_t i)
{
    return submit_with(i, config.default_limits.memory_bytes);
}

/* The front reads what it was told. */
static void begin(size_t i)
{
    tickets[i].awaits_begin = false;
    pool_begin(pool, tickets[i].run);
}

static int set_up(void **state)
{
    (void)state;
    struct error err;
    engine_up = true;
    is_stopped = false;
    listener = &audience;
    owner = "";
    audience.is_behind = other_audience.is_behind = false;
    memset(tickets, 0, sizeof(tickets));
    pool = pool_new(NULL, NULL, NULL, &config, "0123abcd", &err);
    assert_non_null(pool);
    pool_trust(pool);
    return 0;
}

/* Nothing is left that would be lost: no run without its last word, no container, no timer, no
 * call. */
static int tear_down(void **state)
{
    (void)state;
    pool_stop(pool);
    for (int i = 0; i < 1000 && pool_box_count(pool); i++) {
        while (script_calls)
            script_answer(script_calls, 204);
        script_pass(100);
        pool_turn(pool);
    }
    assert_int_equal(pool_box_count(pool), 0);
    pool_free(pool);
    assert_null(script_streams);
    assert_null(script_calls);
    assert_int_equal(script_timer_count(), 0);
    return 0;
}

static struct box *box_of(struct attach *stream)
{
    return stream->arg;
}

/* Answer every call well, and let each box that starts say READY, until nothing moves. */
static void settle(void)
{
    bool moved = true;
    while (moved) {
        moved = script_calls != NULL;
        while (script_calls)
            script_answer(script_calls, 204);
        for (struct attach *s = script_streams; s; s = s->next)
            if (box_of(s)->state == BOX_ATTACHING)
                s->events->on_opened(s->arg);
        for (struct attach *s = script_streams; s; s = s->next)
            if (box_of(s)->state == BOX_STARTING)
                script_frame(s, WIRE_READY, 0, NULL, 0);
        pool_turn(pool);
        moved = moved || script_calls;
        if (!moved && (timer_runs(&pool->stock.refill) || pool->stock.removing.count)) {
            script_pass(50);
            pool_turn(pool);
            moved = true;
        }
    }
}

static struct attach *stream_of(size_t i)
{
    struct attach *stream = script_streams;
    while (stream && stream != tickets[i].run->box->stream)
        stream = stream->next;
    assert_non_null(stream);
    return stream;
}

static void end_run(size_t i)
{
    struct buf payload;
    struct outcome outcome = {.verdict = VERDICT_EXITED};
    struct attach *stream = stream_of(i);
    buf_init(&payload, 1000);
    assert_true(outcome_encode(&payload, &outcome));
    script_sent(stream);
    script_frame(stream, WIRE_STARTED, i + 1, NULL, 0);
    script_frame(stream, WIRE_END, i + 1, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
    pool_turn(pool);
}

static size_t count_of(enum box_state state)
{
    return stock_count(&pool->stock, state);
}

/* ---- tests ---- */

static void keeps_its_shelf_warm(void **state)
{
    (void)state;
    pool_turn(pool);
    assert_int_equal(count_of(BOX_CREATING), 2);
    settle();
    assert_int_equal(count_of(BOX_READY), 2);
    assert_int_equal(pool_box_count(pool), 2);
    script_pass(1);
    submit(0);
    pool_turn(pool);
    assert_int_equal(count_of(BOX_RUNNING), 1);
    script_pass(10); /* the first moments are the run's */
    pool_turn(pool);
    assert_int_equal(count_of(BOX_CREATING), 1); /* not when the run has ended */
    end_run(0);
    assert_int_equal(tickets[0].verdict, VERDICT_EXITED);
    assert_true(tickets[0].warm);
    settle();
    assert_int_equal(count_of(BOX_READY), 2);
    assert_int_equal(pool_box_count(pool), 2);
}

static void other_limits_start_cold_and_keep_nothing(void **state)
{
    (void)state;
    settle();
    script_pass(1);
    assert_int_equal(submit_with(0, 500), ERR_NONE);
    pool_turn(pool);
    assert_int_equal(count_of(BOX_RUNNING), 0);
    script_pass(1);
    settle();
    assert_int_equal(count_of(BOX_RUNNING), 1);
    end_run(0);
    assert_false(tickets[0].warm);
    settle();
    assert_int_equal(pool_box_count(pool), 2);
    assert_int_equal(pool->shelves.count, 1);
}

static uint64_t starts_of(bool warm)
{
    uint64_t timed = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        timed += pool->tally.queue[warm].counts[i];
    assert_int_equal(pool->tally.starts[0][warm], timed);
    return pool->tally.starts[0][warm];
}

/* PAIRED promises a warm start, which STARTED may take back. */
static void a_start_is_counted_as_its_answer_says_it(void **state)
{
    (void)state;
    struct buf payload;
    buf_init(&payload, 100);
    assert_true(wire_put_u64(&payload, WIRE_TAG_COLD, 1));
    settle();
    script_pass(1);
    submit(0);
    submit(1);
    pool_turn(pool);
    assert_true(tickets[0].warm && tickets[1].warm);
    assert_int_equal(starts_of(true) + starts_of(false), 0);
    script_sent(stream_of(0));
    script_frame(stream_of(0), WIRE_STARTED, 1, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
    assert_int_equal(starts_of(false), 1);
    pool_cancel(pool, tickets[0].run);
    pool_cancel(pool, tickets[1].run); /* it has not started, and had a ready box */
    assert_int_equal(starts_of(true), 1);
    assert_int_equal(starts_of(false), 1);
}

static void refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    config.parallel_starts = 0; /* nothing is ever ready */
    for (size_t i = 0; i < config.max_waiting; i++)
        assert_int_equal(submit(i), ERR_NONE);
    assert_int_equal(submit(10), ERR_BUSY);
    assert_int_equal(submit_with(11, 1001), ERR_INVALID); /* above the maximum */
    pool_cancel(pool, tickets[3].run);
    pool_turn(pool);
    assert_int_equal(submit(3), ERR_NONE);
    script_pass(5000); /* the queue's deadline */
    for (size_t i = 0; i < config.max_waiting; i++)
        check(tickets[i].words == 1 && tickets[i].last == WIRE_REFUSED, "run %zu", i);
    config.parallel_starts = 2;
}

/* With the queue full of runs of other limits, for which nothing is started. */
static uint32_t told_when_full(size_t from)
{
    config.parallel_starts = 0;
    for (size_t i = 0; i < config.max_waiting; i++)
        assert_int_equal(submit_with(from + i, 500), ERR_NONE);
    assert_int_equal(submit_with(from + config.max_waiting, 500), ERR_BUSY);
    uint32_t told_ms = retry_ms;
    for (size_t i = 0; i < config.max_waiting; i++)
        pool_cancel(pool, tickets[from + i].run);
    pool_turn(pool);
    config.parallel_starts = 2;
    return told_ms;
}

static void says_when_to_try_again_by_the_measured_rate(void **state)
{
    (void)state;
    settle();
    assert_int_equal(told_when_full(10), 1000); /* nothing is measured: the least */
    for (size_t i = 0; i < 4; i++) {
        uint64_t paired_ms = clock_now_ms();
        assert_int_equal(submit(i), ERR_NONE);
        pool_turn(pool);
        end_run(i);
        settle();
        script_pass(paired_ms + 3000 - clock_now_ms()); /* a run gets a box each 3 seconds */
    }
    assert_int_equal(told_when_full(20), config.max_waiting * 3000);
}

static void takes_no_job_above_the_maxima(void **state)
{
    (void)state;
    struct job job = job_with(100);
    job.files_bytes = config.output_files_bytes;
    job.file_bytes = config.output_file_bytes;
    assert_int_equal(submit_job(0, &job), ERR_NONE);
    job.files_bytes++;
    assert_int_equal(submit_job(1, &job), ERR_INVALID);
    job.files_bytes--;
    job.file_bytes++;
    assert_int_equal(submit_job(1, &job), ERR_INVALID);
    job = job_with(100);
    job.output_bytes = config.max_output_bytes + 1;
    assert_int_equal(submit_job(1, &job), ERR_INVALID);
    job = job_with(100);
    job.timeout_ms = config.max_timeout_ms + 1;
    assert_int_equal(submit_job(1, &job), ERR_INVALID);
}

static void serves_in_order_of_arrival(void **state)
{
    (void)state;
    settle();
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(submit_with(i, i % 2 ? 500 : 100), ERR_NONE);
    for (size_t next = 0; next < 5; next++) {
        for (int tries = 0; tries < 10 && !tickets[next].run->box; tries++)
            settle();
        for (size_t later = next + 1; later < 5; later++)
            check(!tickets[later].run->box || tickets[next].run->box, "%zu before %zu", later,
                  next);
        end_run(next);
    }
}

/* One owner's crowd does not delay another's first run. */
static void serves_owners_in_turn(void **state)
{
    (void)state;
    static const size_t order[] = {0, 4, 1, 5, 2, 3};
    const struct config before = config;
    config.max_boxes = 1;
    config.max_waiting = COUNT(order);
    for (size_t i = 0; i < COUNT(order); i++) {
        owner = i < 4 ? "crowd" : "other";
        assert_int_equal(submit_with(i, 100), ERR_NONE);
    }
    owner = "";
    for (size_t i = 0; i < COUNT(order); i++) {
        for (int tries = 0; tries < 10 && !tickets[order[i]].run->box; tries++)
            settle();
        check(tickets[order[i]].run->box != NULL, "%zu is not served as number %zu", order[i], i);
        end_run(order[i]);
    }
    config = before;
}

static void gives_up_a_warm_box_for_another_shelf(void **state)
{
    (void)state;
    config.max_boxes = 2;
    settle();
    assert_int_equal(count_of(BOX_READY), 2);
    submit_with(0, 500);
    pool_turn(pool);
    assert_int_equal(count_of(BOX_READY), 1);
    assert_int_equal(count_of(BOX_REMOVING), 1);
    settle();
    assert_int_equal(count_of(BOX_RUNNING), 1);
    end_run(0);
    settle();
    assert_int_equal(count_of(BOX_READY), 2);
    config.max_boxes = 4;
}

static void tells_those_who_wait_when_starts_fail(void **state)
{
    (void)state;
    submit(0);
    for (int i = 0; i < 3; i++) {
        pool_turn(pool);
        while (script_find(SCRIPT_CREATE))
            script_answer(script_find(SCRIPT_CREATE), 500);
        script_pass(1000);
    }
    assert_int_equal(tickets[0].words, 1);
    assert_int_equal(tickets[0].last, WIRE_REFUSED);
    assert_int_equal(submit(1), ERR_ENGINE); /* at once, from now on */
    struct status status = {.ready = true};
    pool_judge(pool, &status);
    assert_false(status.ready);
    settle(); /* until a start succeeds */
    script_pass(1000);
    settle();
    assert_int_equal(submit(2), ERR_NONE);
    status = (struct status){.ready = false};
    pool_judge(pool, &status);
    assert_true(status.ready);
}

static void waits_longer_after_each_failure(void **state)
{
    (void)state;
    pool_turn(pool);
    while (script_find(SCRIPT_CREATE))
        script_answer(script_find(SCRIPT_CREATE), 500);
    pool_turn(pool);
    assert_null(script_find(SCRIPT_CREATE));
    script_pass(99);
    pool_turn(pool);
    assert_null(script_find(SCRIPT_CREATE));
    script_pass(1000);
    pool_turn(pool);
    assert_non_null(script_find(SCRIPT_CREATE));
}

static void an_engine_that_goes_refuses_those_who_wait(void **state)
{
    (void)state;
    struct error why;
    submit(0);
    error_set(&why, ERR_ENGINE, "the engine is down");
    engine_up = false;
    pool_engine_down(pool, &why);
    assert_int_equal(tickets[0].last, WIRE_REFUSED);
    assert_int_equal(submit(1), ERR_ENGINE);
    engine_up = true;
    pool_engine_up(pool);
    assert_int_equal(submit(2), ERR_ENGINE); /* the self-test has not passed since */
    pool_trust(pool);
    assert_int_equal(submit(2), ERR_NONE);
}

static void distrust_refuses_all_but_the_canary(void **state)
{
    (void)state;
    struct error why;
    submit(0);
    error_set(&why, ERR_ENGINE, "a fence is down");
    pool_distrust(pool, &why);
    assert_int_equal(tickets[0].last, WIRE_REFUSED);
    assert_int_equal(submit(1), ERR_ENGINE);
    struct status status = {.ready = true};
    pool_judge(pool, &status);
    assert_false(status.ready);
    assert_string_equal(status.reason, "a fence is down");
    submit_canary(2);
    assert_non_null(tickets[2].run);
    settle();
    end_run(2);
    assert_int_equal(tickets[2].verdict, VERDICT_EXITED);
    assert_int_equal(pool->tally.submitted, 2); /* the canary is no run */
    assert_int_equal(pool->tally.starts[0][true] + pool->tally.starts[0][false], 0);
    pool_trust(pool);
    assert_int_equal(submit(3), ERR_NONE);
}

static void a_lost_box_ends_its_run(void **state)
{
    (void)state;
    settle();
    submit(0);
    submit(1);
    pool_turn(pool);
    script_sent(stream_of(0));
    script_end_stream(stream_of(0)); /* it had all of its job */
    script_end_stream(stream_of(1)); /* it had none of it */
    settle();
    assert_int_equal(tickets[0].last, WIRE_END);
    assert_int_equal(tickets[0].verdict, VERDICT_LOST);
    assert_int_equal(tickets[1].last, WIRE_REFUSED);
}

/* init's refusal reaches the front in a form that it can read, whatever init's was. */
static void a_box_that_refuses_ends_its_run_unstarted(void **state)
{
    (void)state;
    struct buf payload;
    buf_init(&payload, 1000);
    assert_true(refused_encode(&payload, &(struct error){ERR_SYSTEM, "no room"}, 0));
    settle();
    submit(0);
    submit(1);
    pool_turn(pool);
    script_frame(stream_of(0), WIRE_REFUSED, 1, buf_bytes(&payload).data, payload.len);
    script_frame(stream_of(1), WIRE_REFUSED, 2, "x", 1);
    settle();
    for (size_t i = 0; i < 2; i++)
        check(tickets[i].words == 1 && tickets[i].last == WIRE_REFUSED, "run %zu", i);
    assert_int_equal(tickets[0].refusal.kind, ERR_SYSTEM);
    assert_string_equal(tickets[0].refusal.text, "no room");
    assert_int_equal(tickets[1].refusal.kind, ERR_PROTOCOL);
    buf_release(&payload);
}

/* What goes in and what comes out take their time. */
static void files_have_longer(void **state)
{
    (void)state;
    struct job job = job_with(100);
    job.files_bytes = job.file_bytes = 1;
    settle();
    submit_job(0, &job);
    pool_turn(pool);
    script_sent(stream_of(0));
    script_frame(stream_of(0), WIRE_STARTED, 1, NULL, 0);
    script_pass(6999);
    assert_int_equal(tickets[0].words, 0);
    script_pass(1);
    assert_int_equal(tickets[0].verdict, VERDICT_TIMEOUT);
}

static void a_silent_init_is_a_timeout(void **state)
{
    (void)state;
    settle();
    submit(0);
    pool_turn(pool);
    script_sent(stream_of(0));
    script_frame(stream_of(0), WIRE_STARTED, 1, NULL, 0);
    script_pass(3499);
    assert_int_equal(tickets[0].words, 0);
    script_pass(1);
    assert_int_equal(tickets[0].verdict, VERDICT_TIMEOUT);
}

static void a_cancel_is_silent_and_ends_the_box(void **state)
{
    (void)state;
    settle();
    submit(0);
    pool_turn(pool);
    struct run *run = tickets[0].run;
    tickets[0].run = NULL;
    pool_cancel(pool, run);
    pool_turn(pool);
    assert_int_equal(tickets[0].words, 0);
    assert_int_equal(count_of(BOX_RUNNING), 0);
    assert_int_equal(count_of(BOX_REMOVING), 1);
}

static void draining_serves_who_is_there_and_nobody_else(void **state)
{
    (void)state;
    settle();
    for (size_t i = 0; i < 3; i++)
        submit(i);
    pool_turn(pool);
    pool_drain(pool);
    assert_int_equal(submit(5), ERR_DRAINING);
    for (size_t i = 0; i < 3; i++) {
        assert_false(pool_is_idle(pool));
        settle();
        end_run(i);
    }
    assert_true(pool_is_idle(pool));
    settle();
    assert_int_equal(count_of(BOX_READY), 0);
}

/* ---- a front that does not read ---- */

/* Everything that can become of a run whose PAIRED is not written: its job never goes in. */
static void the_job_goes_in_once_paired_is_written(void **state)
{
    (void)state;
    settle();
    is_stopped = true;
    submit(0);
    pool_turn(pool);
    assert_true(tickets[0].awaits_begin);
    assert_int_equal(stream_of(0)->sent.len, 0);
    assert_false(pool_is_idle(pool));
    begin(0);
    assert_true(stream_of(0)->sent.len > 0);
    end_run(0);
    assert_int_equal(tickets[0].verdict, VERDICT_EXITED);
}

static void submit_paired(size_t i)
{
    is_stopped = true;
    settle();
    assert_int_equal(submit(i), ERR_NONE);
    pool_turn(pool);
    assert_true(tickets[i].awaits_begin);
    is_stopped = false;
}

static void expect_not_run(size_t i, enum error_kind kind)
{
    pool_turn(pool);
    check(tickets[i].words == 1 && tickets[i].last == WIRE_REFUSED, "run %zu", i);
    check(tickets[i].refusal.kind == kind, "run %zu: kind %d", i, (int)tickets[i].refusal.kind);
    for (const struct attach *s = script_streams; s; s = s->next)
        assert_int_equal(s->sent.len, 0);
}

static void a_paired_run_that_has_not_begun_can_end_in_every_way(void **state)
{
    struct error why;
    error_set(&why, ERR_ENGINE, "trouble");
    submit_paired(0);
    script_pass(5000); /* its queue timeout */
    expect_not_run(0, ERR_BUSY);

    submit_paired(1);
    script_end_stream(stream_of(1)); /* its box */
    expect_not_run(1, ERR_ENGINE);

    submit_paired(2);
    pool_distrust(pool, &why);
    expect_not_run(2, ERR_ENGINE);
    pool_trust(pool);

    submit_paired(3);
    pool_engine_down(pool, &why);
    expect_not_run(3, ERR_ENGINE);
    pool_trust(pool);

    submit_paired(4);
    struct run *run = tickets[4].run;
    tickets[4].run = NULL;
    pool_cancel(pool, run);
    pool_turn(pool);
    assert_int_equal(tickets[4].words, 0);
    assert_int_equal(count_of(BOX_RUNNING), 0);

    config.box_age_ms = 3000;
    tear_down(state);
    set_up(state);
    submit_paired(5);
    script_pass(3000); /* its box's age */
    expect_not_run(5, ERR_ENGINE);
    config.box_age_ms = 600000;

    submit_paired(6);
    pool_drain(pool);
    begin(6); /* who is there is served */
    end_run(6);
    assert_int_equal(tickets[6].verdict, VERDICT_EXITED);
    tear_down(state);
    set_up(state);

    submit_paired(7);
    pool_stop(pool);
    expect_not_run(7, ERR_DRAINING);
}

/* The runs of a front that is behind take no box from those of another. */
static void whoever_is_behind_is_passed_over(void **state)
{
    (void)state;
    settle();
    pool_set_behind(pool, &audience, true);
    assert_int_equal(submit(0), ERR_NONE);
    assert_int_equal(submit_with(1, 500), ERR_NONE);
    listener = &other_audience;
    assert_int_equal(submit(2), ERR_NONE);
    settle();
    assert_null(tickets[0].run->box);
    assert_null(tickets[1].run->box);
    assert_non_null(tickets[2].run->box);
    assert_int_equal(pool_box_count(pool), 3); /* none is started for those that wait */
    end_run(2);
    pool_set_behind(pool, &audience, false);
    settle();
    assert_non_null(tickets[0].run->box);
    assert_non_null(tickets[1].run->box);
    end_run(0);
    end_run(1);
}

/* ---- room ---- */

static void submit_as(const char *name, size_t from, size_t to)
{
    owner = name;
    for (size_t i = from; i < to; i++)
        check(submit(i) == ERR_NONE, "run %zu of %s", i, name);
}

static void expect_busy(size_t i)
{
    check(tickets[i].words == 1 && tickets[i].refusal.kind == ERR_BUSY, "run %zu", i);
}

static void a_full_queue_makes_room_for_another_owner(void **state)
{
    (void)state;
    config.parallel_starts = 0;
    submit_as("crowd", 0, 5);
    submit_as("other", 5, 6);
    expect_busy(4); /* the newest of the crowd's */
    submit_as("other", 6, 7);
    expect_busy(3);
    assert_int_equal(submit(7), ERR_BUSY); /* as many as the largest */
    owner = "crowd";
    assert_int_equal(submit(7), ERR_BUSY);
    submit_as("third", 7, 8);
    expect_busy(2);
    assert_int_equal(pool->queue.count, 5);
    config.parallel_starts = 2;
}

static size_t frame_bytes(const char *name)
{
    owner = name;
    const struct job job = job_with(100);
    struct buf frame = frame_of(1, &job);
    size_t len = frame.len;
    buf_release(&frame);
    return len;
}

static void waiting_bytes_have_a_budget(void **state)
{
    (void)state;
    const struct config before = config;
    size_t each = frame_bytes("crowd");
    config.parallel_starts = 0;
    config.max_waiting = 60;
    config.max_waiting_bytes = 4 * each;
    submit_as("crowd", 0, 4);
    assert_int_equal(submit(4), ERR_BUSY);
    submit_as("other", 5, 6);
    expect_busy(3);
    assert_int_equal(room_bytes(&pool->queue.room), 4 * each);
    config = before;
}

/* Bytes on their way to a box are held, until the engine has them. */
static void bytes_under_way_are_counted(void **state)
{
    (void)state;
    const struct config before = config;
    settle();
    config.max_waiting_bytes = 2 * frame_bytes("");
    submit_as("", 0, 2);
    pool_turn(pool);
    assert_int_equal(count_of(BOX_RUNNING), 2);
    owner = "a";
    assert_int_equal(submit(2), ERR_BUSY); /* nobody can give way */
    script_sent(stream_of(0));
    owner = "";
    assert_int_equal(submit(2), ERR_NONE);
    end_run(0);
    end_run(1);
    settle();
    end_run(2);
    assert_int_equal(room_bytes(&pool->queue.room), 0);
    config = before;
}

static void odd_shelves_make_room_for_another_owner(void **state)
{
    (void)state;
    const struct config before = config;
    config.parallel_starts = 0;
    config.max_waiting = 100;
    owner = "crowd";
    size_t last = SHELVES_MAX - 1;
    for (size_t i = 0; i < last; i++)
        assert_int_equal(submit_with(i, 200 + i), ERR_NONE);
    assert_int_equal(submit_with(69, 900), ERR_BUSY); /* its own crowd */
    owner = "other";
    assert_int_equal(submit_with(70, 900), ERR_NONE);
    assert_int_equal(submit_with(71, 901), ERR_NONE);
    assert_int_equal(pool->shelves.count, SHELVES_MAX);
    assert_int_equal(pool->queue.count, last);
    config = before;
}

/* ---- the random walk ---- */

static void check_slots(bool *seen, const struct list *list)
{
    for (const struct box *box = list_first(list); box; box = node_next(&box->node)) {
        assert_false(seen[box->slot]);
        seen[box->slot] = true;
        assert_true(!box->run || box->run->box == box);
    }
}

static void check_invariants(void)
{
    bool seen[16] = {false};
    size_t waiting = 0, starting = 0;
    for (size_t i = 0; i < pool->shelves.count; i++) {
        const struct shelf *shelf = pool->shelves.all[i];
        waiting += shelf->waiting.count;
        starting += shelf->coming.count;
        assert_true(!queue_next(&pool->queue, shelf, NULL) || shelf->ready.count == 0);
        check_slots(seen, &shelf->coming);
        check_slots(seen, &shelf->ready);
    }
    check_slots(seen, &pool->stock.running);
    check_slots(seen, &pool->stock.removing);
    assert_int_equal(waiting, pool->queue.count);
    assert_true(room_bytes(&pool->queue.room) <= config.max_waiting_bytes);
    for (size_t i = 0; i < TICKETS; i++)
        if (tickets[i].run && tickets[i].awaits_begin)
            assert_int_equal(tickets[i].run->box->state, BOX_READY);
    assert_int_equal(starting, pool->stock.starting_count);
    assert_true(starting <= config.parallel_starts);
    assert_true(pool->stock.boxes_count <= config.max_boxes);
    /* A box whose run was canceled during its post-mortem has none. */
    assert_true(pool->running_runs.count <= pool->stock.running.count);
    for (const struct box *box = list_first(&pool->stock.running); box; box = node_next(&box->node))
        assert_true(box->run || box->state == BOX_REMOVING);
    for (size_t i = 0; i < TICKETS; i++)
        assert_true(tickets[i].words <= 1);
}

static uint32_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static struct attach *any_stream(void)
{
    struct attach *stream = script_streams;
    for (uint32_t skip = any(8); stream && skip--;)
        stream = stream->next ? stream->next : script_streams;
    return stream;
}

static void answer_any(void)
{
    static const long statuses[] = {204, 204, 204, 204, 204, 500, 404, 409, 0};
    struct docker_call *call = script_calls;
    for (uint32_t skip = any(4); call && call->next && skip--;)
        call = call->next;
    if (call)
        script_answer(call, statuses[any(COUNT(statuses))]);
}

static void move_any_stream(void)
{
    struct attach *stream = any_stream();
    if (!stream)
        return;
    struct box *box = box_of(stream);
    if (any(10) == 0)
        script_end_stream(stream);
    else if (box->state == BOX_ATTACHING)
        stream->events->on_opened(stream->arg);
    else if (box->state == BOX_STARTING)
        script_frame(stream, WIRE_READY, 0, NULL, 0);
    else if (box->state == BOX_RUNNING && any(4) == 0)
        script_frame(stream, WIRE_OUTPUT, box->run_id, "\1x",
                     2); /* right or wrong by what came before */
    else if (box->state == BOX_RUNNING)
        end_run(box->run_id - 1);
}

/* The front stops, or reads on: then the runs that wait for that begin. */
static void stop_or_read_on(void)
{
    bool is_behind = false;
    is_stopped = any(3) == 0;
    for (size_t i = 0; i < TICKETS; i++) {
        if (!is_stopped && tickets[i].run && tickets[i].awaits_begin)
            begin(i);
        is_behind = is_behind || (tickets[i].run && tickets[i].awaits_begin);
    }
    pool_set_behind(pool, &audience, is_behind);
}

static void step(void)
{
    static const char *const owners[] = {"", "a", "b"};
    size_t i = any(TICKETS);
    owner = owners[any(COUNT(owners))];
    switch (any(9)) {
    case 8:
        stop_or_read_on();
        break;
    case 0:
    case 1:
        if (!tickets[i].run)
            submit_with(i, any(3) ? 100 : 500);
        break;
    case 2:
        if (tickets[i].run) {
            struct run *run = tickets[i].run;
            tickets[i].run = NULL;
            pool_cancel(pool, run);
        }
        break;
    case 3:
        script_pass(any(300));
        break;
    case 4:
    case 5:
        answer_any();
        break;
    default:
        move_any_stream();
    }
    pool_turn(pool);
}

static void random_walks_keep_the_invariants(void **state)
{
    for (uint32_t seed = 0; seed < 40; seed++) {
        random_state = seed;
        for (int i = 0; i < 1500; i++) {
            step();
            check_invariants();
        }
        tear_down(state);
        for (size_t i = 0; i < TICKETS; i++)
            assert_null(tickets[i].run);
        set_up(state);
    }
}

static void uids_are_of_one_of_the_blocks(void **state)
{
    assert_int_equal((pool_first_uid(pool) - 60000) % CONFIG_UID_BLOCK_SIZE, 0);
    assert_true(pool_first_uid(pool) - 60000 < 4096 * CONFIG_UID_BLOCK_SIZE);
    assert_true(pool_first_uid(pool) != 60000); /* by this instance's name */
    tear_down(state);
    config.uid_blocks = 1;
    set_up(state);
    config.uid_blocks = 4096;
    assert_int_equal(pool_first_uid(pool), 60000);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_init("test", LOG_FORMAT_JSON, LOG_ERROR);
    const struct CMUnitTest tests[] = {
        test(keeps_its_shelf_warm),
        test(other_limits_start_cold_and_keep_nothing),
        test(a_start_is_counted_as_its_answer_says_it),
        test(refuses_what_it_cannot_hold),
        test(says_when_to_try_again_by_the_measured_rate),
        test(takes_no_job_above_the_maxima),
        test(serves_in_order_of_arrival),
        test(serves_owners_in_turn),
        test(gives_up_a_warm_box_for_another_shelf),
        test(tells_those_who_wait_when_starts_fail),
        test(waits_longer_after_each_failure),
        test(an_engine_that_goes_refuses_those_who_wait),
        test(distrust_refuses_all_but_the_canary),
        test(a_lost_box_ends_its_run),
        test(a_box_that_refuses_ends_its_run_unstarted),
        test(a_silent_init_is_a_timeout),
        test(files_have_longer),
        test(a_cancel_is_silent_and_ends_the_box),
        test(draining_serves_who_is_there_and_nobody_else),
        test(the_job_goes_in_once_paired_is_written),
        test(a_paired_run_that_has_not_begun_can_end_in_every_way),
        test(whoever_is_behind_is_passed_over),
        test(a_full_queue_makes_room_for_another_owner),
        test(waiting_bytes_have_a_budget),
        test(bytes_under_way_are_counted),
        test(odd_shelves_make_room_for_another_owner),
        test(random_walks_keep_the_invariants),
        test(uids_are_of_one_of_the_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
