/* The pool on a scripted engine: admission, pairing, order and failures, then a seeded random walk
 * that checks the invariants after every step. */
#include "scripted_docker.h"

/* Included as source, because the invariants concern the pool's private parts. */
#include "broker/pool/pool.c" /* NOLINT(bugprone-suspicious-include) */
#include "common/outcome.h"
#include "common/number.h"
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
    .box_idle_ms = 60000,
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
    struct run *run; /* NULL: it has ended, or never existed */
    unsigned words;  /* number of END and REFUSED frames that came */
    enum wire_type last;
    enum verdict verdict;
    struct error refusal;
    enum start start;
    bool awaits_begin; /* its PAIRED was not written */
} tickets[TICKETS];

/* The owners that each box has served, by the box's number, each with a "'" behind it. Recorded by
 * the test, independently of the pool. */
static char served[20000][JOB_OWNER_NAME_MAX + 2];

static void note_served(const struct run *run)
{
    uint64_t number;
    const char *digits = strrchr(run->box->name, '-') + 1;
    char owner_and_mark[JOB_OWNER_NAME_MAX + 2];
    assert_true(number_parse_uint(digits, strlen(digits), &number) && number < COUNT(served));
    snprintf(owner_and_mark, sizeof owner_and_mark, "%s'", run->owner);
    if (served[number][0])
        check(strcmp(served[number], owner_and_mark) == 0 && run->box_runs > 1,
              "a box of %s serves %s", served[number], owner_and_mark);
    memcpy(served[number], owner_and_mark, sizeof owner_and_mark);
}

static bool is_stopped; /* the front does not read, so its frames wait */

static bool on_frame(void *arg, struct run *run, const struct frame *frame)
{
    struct ticket *ticket = arg;
    struct outcome outcome;
    assert_ptr_equal(ticket->run, run);
    ticket->last = frame->type;
    if (frame->type == WIRE_PAIRED) {
        ticket->start = run->start;
        ticket->awaits_begin = is_stopped;
        note_served(run);
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
static uint32_t box_runs = 1;
static uint64_t box_scope;

static struct job job_with(uint64_t memory_bytes)
{
    struct job job = {.runtime = "python",
                      .timeout_ms = 2000,
                      .queue_timeout_ms = 5000,
                      .box_runs = box_runs,
                      .box_scope = box_scope,
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

/* The front reads the messages of run i that were held back. */
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
    box_runs = 1;
    memset(served, 0, sizeof served);
    audience.is_behind = other_audience.is_behind = false;
    memset(tickets, 0, sizeof(tickets));
    pool = pool_new(NULL, NULL, NULL, &config, "0123abcd", &err);
    assert_non_null(pool);
    pool_trust(pool);
    return 0;
}

/* Check that nothing leaks: every run has got its last message, and no container, timer or call is
 * left. */
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

/* Answer every call with success, and let each started box report READY, until nothing changes. */
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
            if (box_of(s)->state == BOX_STARTING || box_of(s)->state == BOX_RESETTING)
                script_frame(s, WIRE_READY, 0, NULL, 0);
        pool_turn(pool);
        moved = moved || script_calls;
        if (!moved && (timer_runs(&pool->stock.refill.pause) || pool->stock.removing.count)) {
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
    script_pass(10); /* no box is started in the first moments after a lease */
    pool_turn(pool);
    assert_int_equal(count_of(BOX_CREATING), 1); /* not when the run has ended */
    end_run(0);
    assert_int_equal(tickets[0].verdict, VERDICT_EXITED);
    assert_int_equal(tickets[0].start, START_WARM);
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
    assert_int_equal(tickets[0].start, START_COLD);
    settle();
    assert_int_equal(pool_box_count(pool), 2);
    assert_int_equal(pool->shelves.count, 1);
}

static uint64_t starts_of(enum start start)
{
    uint64_t timed = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        timed += pool->tally.queue[start].counts[i];
    assert_int_equal(pool->tally.starts[0][start], timed);
    return pool->tally.starts[0][start];
}

/* PAIRED announces a warm start. STARTED may correct it. */
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
    assert_true(tickets[0].start == START_WARM && tickets[1].start == START_WARM);
    assert_int_equal(starts_of(START_WARM) + starts_of(START_COLD), 0);
    script_sent(stream_of(0));
    script_frame(stream_of(0), WIRE_STARTED, 1, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
    assert_int_equal(starts_of(START_COLD), 1);
    pool_cancel(pool, tickets[0].run);
    pool_cancel(pool, tickets[1].run); /* it has not started, and had a ready box */
    assert_int_equal(starts_of(START_WARM), 1);
    assert_int_equal(starts_of(START_COLD), 1);
}

static void refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    config.parallel_starts = 0; /* no box ever becomes ready */
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

/* Fill the queue with runs of other limits, for which no box is started. Returns the retry time of
 * the refusal. */
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
    /* nothing was measured yet, so this is the minimum */
    assert_int_equal(told_when_full(10), 1000);
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

/* One owner's many runs do not delay another owner's first run. */
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
    assert_int_equal(submit(1), ERR_ENGINE); /* from now on, runs are refused at once */
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
    assert_int_equal(pool->tally.starts[0][START_WARM] + pool->tally.starts[0][START_COLD], 0);
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
    script_end_stream(stream_of(0)); /* the box had got its whole job */
    script_end_stream(stream_of(1)); /* the box had got nothing of its job */
    settle();
    assert_int_equal(tickets[0].last, WIRE_END);
    assert_int_equal(tickets[0].verdict, VERDICT_LOST);
    assert_int_equal(tickets[1].last, WIRE_REFUSED);
}

/* Whatever text init refuses a job with, the front gets it in a form that it can read. */
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

/* Transfers of files are given additional time. */
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

/* Each way in which a run can end before its PAIRED is written: its job is never sent to the
 * box. */
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
    begin(6); /* admitted runs are still served */
    end_run(6);
    assert_int_equal(tickets[6].verdict, VERDICT_EXITED);
    tear_down(state);
    set_up(state);

    submit_paired(7);
    pool_stop(pool);
    expect_not_run(7, ERR_DRAINING);
}

/* A front that is slow to read takes no box from the runs of another front. */
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
    assert_int_equal(pool_box_count(pool), 3); /* no box is started for the waiting runs */
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
    expect_busy(4); /* the newest run of the large owner */
    submit_as("other", 6, 7);
    expect_busy(3);
    assert_int_equal(submit(7), ERR_BUSY); /* this owner has as many runs as the largest */
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

/* Bytes that are being sent to a box count until the engine has them. */
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
    assert_int_equal(submit(2), ERR_BUSY); /* no owner can lose a run */
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
    assert_int_equal(submit_with(69, 900), ERR_BUSY); /* this owner is the largest itself */
    owner = "other";
    assert_int_equal(submit_with(70, 900), ERR_NONE);
    assert_int_equal(submit_with(71, 901), ERR_NONE);
    assert_int_equal(pool->shelves.count, SHELVES_MAX);
    assert_int_equal(pool->queue.count, last);
    config = before;
}

/* ---- boxes that serve several runs of one owner ---- */

static void submit_for(const char *name, size_t i, uint32_t runs_most)
{
    owner = name;
    box_runs = runs_most;
    check(submit(i) == ERR_NONE, "run %zu of %s", i, name);
    pool_turn(pool);
}

/* Run one job after the other in the box of run `first`. */
static void run_as(const char *name, size_t i, uint32_t runs_most)
{
    settle();
    script_pass(1);
    submit_for(name, i, runs_most);
    assert_non_null(tickets[i].run->box);
    end_run(i);
}

static struct box *kept_box(void)
{
    return list_first(&pool->shelves.all[0]->kept);
}

static struct attach *resetting_stream(void)
{
    struct attach *stream = script_streams;
    while (stream && box_of(stream)->state != BOX_RESETTING)
        stream = stream->next;
    assert_non_null(stream);
    return stream;
}

static uint64_t retired(enum retirement why)
{
    return pool->stock.keeper.retired[why];
}

static void a_box_serves_its_owner_again(void **state)
{
    (void)state;
    run_as("a", 0, 3);
    assert_int_equal(count_of(BOX_RESETTING), 1);
    assert_int_equal(tickets[0].words, 1); /* the END did not wait for the reset */
    settle();
    assert_int_equal(count_of(BOX_READY), 3); /* two fresh ones, and this */
    const struct box *box = kept_box();
    run_as("b", 1, 3);
    assert_int_equal(tickets[1].start, START_WARM);
    settle();
    assert_ptr_equal(kept_box(), box);
    run_as("a", 2, 3);
    assert_int_equal(tickets[2].start, START_REUSED);
    run_as("a", 3, 3);
    assert_int_equal(tickets[3].start, START_REUSED);
    assert_int_equal(retired(RETIRED_NUMBER), 1); /* that was the box's third run */
    run_as("a", 4, 3);
    assert_int_equal(tickets[4].start, START_WARM);
    assert_int_equal(pool->tally.starts[0][START_REUSED], 2);
}

static void the_time_until_a_box_is_clean_is_counted(void **state)
{
    (void)state;
    const struct keeper *keeper = &pool->stock.keeper;
    run_as("a", 0, 3);
    script_pass(7);
    script_frame(resetting_stream(), WIRE_READY, 0, NULL, 0);
    assert_int_equal(keeper->resets_count, 1);
    assert_int_equal(keeper->resets.sum, 7 * NS_PER_MS);
    run_as("a", 1, 3);
    script_pass(7);
    script_frame(resetting_stream(), WIRE_GONE, 0, NULL, 0);
    assert_int_equal(keeper->resets_count, 1); /* the other box was not clean */
    assert_int_equal(keeper->resets.sum, 7 * NS_PER_MS);
}

static void a_run_may_ask_for_a_box_of_its_own(void **state)
{
    (void)state;
    run_as("a", 0, 9);
    run_as("a", 1, 1);
    assert_int_equal(tickets[1].start, START_WARM);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 1); /* of the first */
    submit_canary(2);
    pool_turn(pool);
    assert_int_equal(tickets[2].start, START_WARM); /* the self-test uses fresh boxes */
    end_run(2);
}

static bool asks_to_keep(size_t i)
{
    struct frame frame;
    struct job job = {0};
    size_t used;
    struct bytes sent = buf_bytes(&stream_of(i)->sent);
    assert_int_equal(wire_parse(sent.data, sent.len, 4000, &frame, &used), WIRE_FRAME);
    assert_true(used == sent.len && job_decode(frame.payload, &job, NULL));
    return job.keeps_box;
}

static void init_is_asked_for_a_proof_where_one_is_of_use(void **state)
{
    (void)state;
    settle();
    submit_for("a", 0, 1);
    assert_false(asks_to_keep(0));
    submit_for("a", 1, 2);
    assert_true(asks_to_keep(1));
    end_run(0);
    end_run(1);
    settle();
    assert_int_equal(kept_box()->tenure.runs_count, 1);
    buf_release(&kept_box()->stream->sent);
    submit_for("a", 2, 2);
    assert_false(asks_to_keep(2)); /* its last */
    end_run(2);
}

static void others_who_wait_come_before_an_idle_box(void **state)
{
    (void)state;
    const struct config before = config;
    config.max_boxes = 3;
    run_as("a", 0, 9);
    settle();
    assert_int_equal(count_of(BOX_READY), 3);
    for (size_t i = 1; i < 4; i++)
        submit_for("b", i, 1);
    assert_int_equal(retired(RETIRED_EVICTED), 1); /* two runs had fresh boxes */
    settle();
    assert_non_null(tickets[3].run->box);
    for (size_t i = 1; i < 4; i++)
        end_run(i);
    config = before;
}

/* An owner with kept boxes and many runs does not overtake another owner. */
static void kept_boxes_pass_nobody(void **state)
{
    (void)state;
    const struct config before = config;
    config.max_boxes = 2;
    config.runtimes[0].warm = 0;
    tear_down(state);
    set_up(state);
    submit_for("a", 0, 99);
    submit_for("a", 1, 99);
    settle();
    submit_for("b", 2, 1);
    submit_for("a", 3, 99);
    submit_for("a", 4, 99);
    end_run(0);
    script_frame(resetting_stream(), WIRE_READY, 0, NULL, 0);
    settle();
    check(tickets[2].run->box != NULL, "b's run, which came first, has a box");
    check(tickets[3].run->box == NULL, "a's later one has none yet");
    assert_int_equal(retired(RETIRED_EVICTED), 1);
    end_run(1);
    settle();
    assert_non_null(tickets[3].run->box);
    end_run(3);
    settle();
    assert_int_equal(tickets[4].start, START_REUSED); /* nobody else waits */
    end_run(2);
    end_run(4);
    config = before;
    tear_down(state);
    set_up(state);
}

static void the_box_that_is_idle_the_longest_goes_first(void **state)
{
    (void)state;
    const struct config before = config;
    config.max_boxes = 4;
    run_as("a", 0, 9);
    settle();
    const struct box *oldest = kept_box();
    run_as("b", 1, 9);
    settle();
    assert_int_equal(count_of(BOX_READY), 4);
    for (size_t i = 2; i < 5; i++)
        submit_for("c", i, 1);
    assert_int_equal(oldest->state, BOX_REMOVING);
    assert_int_equal(pool->shelves.all[0]->kept.count, 1);
    settle();
    for (size_t i = 2; i < 5; i++)
        end_run(i);
    config = before;
}

static void a_box_in_reset_is_waited_for_by_its_owner_only(void **state)
{
    (void)state;
    const struct config before = config;
    config.runtimes[0].warm = 0;
    tear_down(state);
    set_up(state);
    submit_for("a", 0, 9);
    settle();
    end_run(0);
    submit_for("a", 1, 9);
    assert_int_equal(count_of(BOX_CREATING), 0);
    submit_for("a", 2, 9);
    assert_int_equal(count_of(BOX_CREATING), 1); /* one box is for one run */
    submit_for("b", 3, 9);
    assert_int_equal(count_of(BOX_CREATING), 2);
    script_pass(1);
    settle();
    assert_int_equal(tickets[1].start, START_REUSED);
    assert_int_equal(tickets[3].start, START_COLD);
    for (size_t i = 1; i < 4; i++)
        end_run(i);
    config = before;
    tear_down(state);
    set_up(state);
}

static void a_box_that_is_not_clean_serves_nobody(void **state)
{
    (void)state;
    run_as("a", 0, 9);
    script_frame(resetting_stream(), WIRE_GONE, 0, NULL, 0);
    assert_int_equal(retired(RETIRED_UNCLEAN), 1);
    run_as("a", 1, 9);
    script_pass(3000);
    assert_int_equal(retired(RETIRED_LATE), 1);
    run_as("a", 2, 9);
    script_end_stream(resetting_stream());
    assert_int_equal(retired(RETIRED_LOST), 1);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 0);
    assert_null(stock_trouble(&pool->stock)); /* none of these is a failed start */
    assert_int_equal(pool->stock.failures.in_a_row, 0);
    assert_int_equal(pool->stock.failures.count, 0);
}

static void a_box_is_kept_for_so_long_only(void **state)
{
    (void)state;
    run_as("a", 0, 9);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 1);
    script_pass(60000);
    assert_int_equal(retired(RETIRED_IDLE), 1);
    settle();

    const struct config before = config;
    config.box_idle_ms = 900000;
    tear_down(state);
    set_up(state);
    run_as("a", 1, 9);
    settle();
    script_pass(600000);
    assert_int_equal(retired(RETIRED_AGE), 1);
    config = before;
    tear_down(state);
    set_up(state);
}

static void trouble_dismisses_what_is_kept(void **state)
{
    (void)state;
    struct error why;
    error_set(&why, ERR_ENGINE, "trouble");
    run_as("a", 0, 9);
    settle();
    submit_for("b", 1, 9);
    pool_distrust(pool, &why);
    assert_int_equal(retired(RETIRED_ENGINE), 1);
    end_run(1); /* it had begun, and its box is not kept either */
    assert_int_equal(retired(RETIRED_ENGINE), 2);
    pool_trust(pool);
    run_as("a", 2, 9);
    settle();
    pool_engine_down(pool, &why);
    assert_int_equal(retired(RETIRED_ENGINE), 3);
    pool_trust(pool);
    run_as("a", 3, 9);
    settle();
    pool_drain(pool);
    assert_int_equal(retired(RETIRED_STOPPED), 1);
    assert_int_equal(pool->shelves.all[0]->kept.count, 0);
}

static void a_cancel_retires_a_box_that_served_before(void **state)
{
    (void)state;
    run_as("a", 0, 9);
    settle();
    submit_for("a", 1, 9);
    assert_int_equal(tickets[1].start, START_REUSED);
    struct run *run = tickets[1].run;
    tickets[1].run = NULL;
    pool_cancel(pool, run);
    assert_int_equal(retired(RETIRED_CANCELED), 1);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 0);
}

static void run_in(uint64_t scope, size_t i, enum start start)
{
    box_scope = scope;
    run_as("a", i, 9);
    box_scope = 0;
    check(tickets[i].start == start, "run %zu", i);
}

/* A scope's box is not given to another scope or to other runs of the owner. When the scope ends,
 * its box is retired and no other.
 */
static void a_scope_has_its_boxes_to_itself(void **state)
{
    (void)state;
    run_in(0, 0, START_WARM);
    run_in(7, 1, START_WARM);
    run_in(7, 2, START_REUSED);
    run_in(0, 3, START_REUSED);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 2);
    pool_end_scope(pool, 8);
    assert_int_equal(retired(RETIRED_FINISHED), 0);
    pool_end_scope(pool, 7);
    assert_int_equal(retired(RETIRED_FINISHED), 1);
    run_in(8, 4, START_WARM);
    settle();
    box_scope = 8;
    submit_for("a", 5, 9);
    box_scope = 0;
    pool_end_scope(pool, 8);
    end_run(5); /* the run ends, and its box is removed */
    assert_int_equal(retired(RETIRED_FINISHED), 2);
    settle();
    assert_int_equal(pool->shelves.all[0]->kept.count, 1);
    run_in(0, 6, START_REUSED);
}

/* A scope's run waits for the scope's box, and leaves fresh boxes to other runs. */
static void a_scope_s_next_run_waits_for_its_box(void **state)
{
    (void)state;
    run_in(7, 0, START_WARM);
    assert_true(count_of(BOX_READY) > 0 && count_of(BOX_RESETTING) == 1);
    box_scope = 7;
    submit_for("a", 1, 9);
    assert_null(tickets[1].run->box);
    submit_for("a", 2, 9); /* one box is for one run */
    box_scope = 0;
    assert_int_equal(tickets[2].start, START_WARM);
    script_frame(resetting_stream(), WIRE_READY, 0, NULL, 0);
    pool_turn(pool);
    assert_int_equal(tickets[1].start, START_REUSED);
    end_run(1);
    end_run(2);
}

/* Losing the front does not end the front's scopes. */
static void a_scope_s_box_does_not_wait_for_long(void **state)
{
    (void)state;
    run_in(7, 0, START_WARM);
    settle();
    assert_in_range(kept_box()->patience.idle_ms, 1, 10000);
    assert_true(kept_box()->patience.idle_ms < config.box_idle_ms);
}

/* A shelf can be removed while its box runs, and is then created again. */
static void an_odd_shelf_keeps_boxes_too(void **state)
{
    (void)state;
    owner = "a";
    box_runs = 9;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(submit_with(i, 500), ERR_NONE);
        script_pass(1);
        settle();
        assert_int_equal(tickets[i].start, i ? START_REUSED : START_COLD);
        end_run(i);
        settle();
        assert_int_equal(pool->shelves.count, 2);
    }
    script_pass(60000);
    settle();
    assert_int_equal(pool->shelves.count, 1);
}

static void with_boxes_of_its_own_an_owner_needs_no_start(void **state)
{
    const struct config before = config;
    config.max_boxes = 8;
    tear_down(state);
    set_up(state);
    run_as("a", 0, 9);
    settle();
    for (size_t i = 1; i < 3; i++)
        submit_for("b", i, 1); /* the fresh ones */
    for (int i = 0; i < 3; i++) {
        script_pass(1000);
        pool_turn(pool);
        while (script_calls)
            script_answer(script_calls, script_calls->kind == SCRIPT_CREATE ? 500 : 204);
    }
    assert_non_null(stock_trouble(&pool->stock));
    owner = "b";
    assert_int_equal(submit(3), ERR_ENGINE);
    submit_for("a", 4, 9);
    assert_int_equal(tickets[4].start, START_REUSED);
    end_run(1);
    end_run(2);
    end_run(4);
    settle();
    config = before;
    tear_down(state);
    set_up(state);
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

static void check_kept(const struct shelf *shelf)
{
    struct match match;
    size_t covered = 0, claimed = 0;
    for (const struct run *run = list_first(&shelf->waiting); run; run = node_next(&run->node))
        covered += run->is_covered;
    for (const struct box *box = list_first(&shelf->resetting); box; box = node_next(&box->node)) {
        assert_int_equal(box->state, BOX_RESETTING);
        claimed += box->is_claimed;
    }
    for (const struct box *box = list_first(&shelf->kept); box; box = node_next(&box->node))
        assert_true(box->state == BOX_READY && !box->run && box->tenure.runs_count > 0);
    assert_true(covered == claimed && covered == shelf->covered_count);
    assert_false(matching_find(&pool->queue, &pool->stock, shelf, &match));
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
        check_slots(seen, &shelf->resetting);
        check_slots(seen, &shelf->kept);
        check_kept(shelf);
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
    assert_true(pool->stock.slots.taken_count <= config.max_boxes);
    /* A box whose run was canceled while its end was examined has no run. */
    assert_true(pool->roster.running.count <= pool->stock.running.count);
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
    else if (box->state == BOX_RESETTING && any(6) == 0)
        script_frame(stream, WIRE_GONE, 0, NULL, 0);
    else if (box->state == BOX_STARTING || box->state == BOX_RESETTING)
        script_frame(stream, WIRE_READY, 0, NULL, 0);
    else if (box->state == BOX_RUNNING && any(4) == 0)
        script_frame(stream, WIRE_OUTPUT, box->run_id, "\1x",
                     2); /* right or wrong by what came before */
    else if (box->state == BOX_RUNNING)
        end_run(box->run_id - 1);
}

/* The front stops reading or continues. When it continues, the waiting runs begin. */
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
    box_runs = 1 + any(4);
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
    uint64_t reused = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        random_state = seed;
        for (int i = 0; i < 1500; i++) {
            step();
            check_invariants();
        }
        reused += pool->tally.starts[0][START_REUSED];
        tear_down(state);
        for (size_t i = 0; i < TICKETS; i++)
            assert_null(tickets[i].run);
        set_up(state);
    }
    check(reused > 100, "%llu runs had a used box", (unsigned long long)reused);
}

static void uids_are_of_one_of_the_blocks(void **state)
{
    assert_int_equal((pool_first_uid(pool) - 60000) % CONFIG_UID_BLOCK_SIZE, 0);
    assert_true(pool_first_uid(pool) - 60000 < 4096 * CONFIG_UID_BLOCK_SIZE);
    assert_true(pool_first_uid(pool) != 60000); /* it depends on the instance's name */
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
        test(a_box_serves_its_owner_again),
        test(the_time_until_a_box_is_clean_is_counted),
        test(a_run_may_ask_for_a_box_of_its_own),
        test(init_is_asked_for_a_proof_where_one_is_of_use),
        test(others_who_wait_come_before_an_idle_box),
        test(kept_boxes_pass_nobody),
        test(the_box_that_is_idle_the_longest_goes_first),
        test(a_box_in_reset_is_waited_for_by_its_owner_only),
        test(a_box_that_is_not_clean_serves_nobody),
        test(a_box_is_kept_for_so_long_only),
        test(trouble_dismisses_what_is_kept),
        test(a_cancel_retires_a_box_that_served_before),
        test(a_scope_has_its_boxes_to_itself),
        test(a_scope_s_next_run_waits_for_its_box),
        test(a_scope_s_box_does_not_wait_for_long),
        test(an_odd_shelf_keeps_boxes_too),
        test(with_boxes_of_its_own_an_owner_needs_no_start),
        test(random_walks_keep_the_invariants),
        test(uids_are_of_one_of_the_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
