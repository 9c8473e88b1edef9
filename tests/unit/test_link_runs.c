#include "unit.h"

#include <stdio.h>

#include "front/runs/link_runs.h"

static struct link_runs runs;
static uint64_t id;
static char trace[1000]; /* what the sink was told, in order */

static void note(const char *word)
{
    size_t len = strlen(trace);
    snprintf(trace + len, sizeof trace - len, "%s ", word);
}

static void on_paired(void *arg, uint64_t queue_ns, enum start start)
{
    (void)arg;
    note(queue_ns != 7 || start == START_COLD ? "paired?"
         : start == START_WARM                ? "paired"
                                              : "paired_reused");
}

static void on_started(void *arg, bool cold)
{
    (void)arg;
    note(cold ? "started_cold" : "started");
}

static void on_output(void *arg, enum wire_stream stream, struct bytes data)
{
    char word[32];
    (void)arg;
    snprintf(word, sizeof word, "%d:%.*s", (int)stream, (int)data.len, (const char *)data.data);
    note(word);
}

static void on_end(void *arg, const struct outcome *outcome)
{
    (void)arg;
    note(verdict_name(outcome->verdict));
}

static void on_refused(void *arg, const struct error *why, uint32_t retry_ms)
{
    char word[ERROR_TEXT_BYTES + 60];
    (void)arg;
    snprintf(word, sizeof word, "%s(%s,%u)", error_kind_name(why->kind), why->text, retry_ms);
    note(word);
}

static void on_artifact(void *arg, enum wire_type type, const struct artifact *artifact)
{
    char word[64];
    (void)arg;
    snprintf(word, sizeof word, "%s:%.*s", wire_type_name(type), (int)artifact->content.len,
             (const char *)artifact->content.data);
    note(word);
}

static const struct run_sink sink = {on_paired,   on_started, on_output,
                                     on_artifact, on_end,     on_refused};
static const struct quota quota = {
    .stdout_bytes = 4, .stderr_bytes = 4, .files_bytes = 4, .file_bytes = 4, .files_count = 2};

static int set_up(void **state)
{
    (void)state;
    trace[0] = '\0';
    return link_runs_add(&runs, &sink, NULL, quota, &id, NULL) && id != 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    link_runs_lose_all(&runs);
    return 0;
}

static bool tell(enum wire_type type, struct bytes payload)
{
    return link_runs_on_frame(&runs, &(struct frame){type, id, payload});
}

static bool tell_text(enum wire_type type, const char *payload)
{
    return tell(type, bytes_of_string(payload));
}

static bool tell_buf(enum wire_type type, struct buf *payload)
{
    bool ok = tell(type, buf_bytes(payload));
    buf_release(payload);
    return ok;
}

static bool tell_paired(void)
{
    struct buf out;
    buf_init(&out, 1000);
    wire_put_u64(&out, WIRE_TAG_QUEUE_NS, 7);
    wire_put_u64(&out, WIRE_TAG_WARM, 1);
    return tell_buf(WIRE_PAIRED, &out);
}

static bool tell_started_cold(void)
{
    struct buf out;
    buf_init(&out, 1000);
    wire_put_u64(&out, WIRE_TAG_COLD, 1);
    return tell_buf(WIRE_STARTED, &out);
}

static bool tell_end(enum verdict verdict)
{
    struct buf out;
    buf_init(&out, 1000);
    outcome_encode(&out, &(struct outcome){.verdict = verdict});
    return tell_buf(WIRE_END, &out);
}

static bool tell_refused(uint64_t kind, const char *text, uint64_t retry_ms)
{
    struct buf out;
    buf_init(&out, 1000);
    wire_put_u64(&out, WIRE_TAG_KIND, kind);
    wire_put(&out, WIRE_TAG_TEXT, text, strlen(text));
    wire_put_u64(&out, WIRE_TAG_RETRY_MS, retry_ms);
    return tell_buf(WIRE_REFUSED, &out);
}

static void a_ready_box_may_start_it_anew(void **state)
{
    (void)state;
    assert_true(tell_paired());
    assert_false(tell_text(WIRE_STARTED, "x"));
    assert_true(tell_started_cold());
    assert_true(tell_end(VERDICT_EXITED));
    assert_string_equal(trace, "paired started_cold exited ");
}

static void a_box_that_is_used_again_is_told_of(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    wire_put_u64(&out, WIRE_TAG_QUEUE_NS, 7);
    wire_put_u64(&out, WIRE_TAG_REUSED, 1);
    wire_put_u64(&out, WIRE_TAG_WARM, 1);
    assert_true(tell_buf(WIRE_PAIRED, &out));
    assert_true(tell_started_cold());
    assert_true(tell_end(VERDICT_EXITED));
    assert_string_equal(trace, "paired_reused started_cold exited ");
}

static void a_run_lives_and_ends(void **state)
{
    (void)state;
    assert_true(tell_paired());
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_true(tell_text(WIRE_OUTPUT, "\1ab"));
    assert_true(tell_text(WIRE_OUTPUT, "\2cd"));
    assert_true(tell_text(WIRE_OUTPUT, "\1"));
    assert_true(tell_text(WIRE_OUTPUT, "\1ef"));
    assert_true(tell_end(VERDICT_EXITED));
    assert_string_equal(trace, "paired started 1:ab 2:cd 1: 1:ef exited ");
    assert_false(link_runs_forget(&runs, id));
}

static void a_run_is_refused(void **state)
{
    (void)state;
    assert_true(tell_refused(ERR_BUSY, "no place", 1200));
    assert_string_equal(trace, "busy(no place,1200) ");
    assert_false(link_runs_forget(&runs, id));
}

static void a_long_refusal_is_cut(void **state)
{
    (void)state;
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_true(tell_refused(ERR_ENGINE, text, 0));
    assert_non_null(strstr(trace, "engine(xxx"));
}

static void frames_out_of_order_break_the_protocol(void **state)
{
    (void)state;
    assert_false(tell_text(WIRE_OUTPUT, "\1a"));
    assert_false(tell_end(VERDICT_EXITED));
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_false(tell_text(WIRE_STARTED, ""));
    assert_false(tell_paired());
    assert_false(tell_refused(ERR_BUSY, "", 0));
    assert_string_equal(trace, "started ");
}

static void malformed_payloads_break_the_protocol(void **state)
{
    (void)state;
    assert_false(tell_text(WIRE_PAIRED, "x"));
    assert_false(tell(WIRE_PAIRED, bytes_of("\0\100\0\0\0\1x", 7))); /* a number of one byte */
    assert_false(tell_text(WIRE_REFUSED, ""));                       /* no kind */
    assert_false(tell_refused(ERR_NONE, "", 0));
    assert_false(tell_refused(ERROR_KINDS_COUNT, "", 0));
    assert_false(tell_refused(ERR_BUSY, "", UINT64_C(1) << 32));
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_false(tell_text(WIRE_OUTPUT, ""));
    assert_false(tell_text(WIRE_OUTPUT, "\3a"));
    assert_false(tell_text(WIRE_END, "x"));
    assert_string_equal(trace, "started ");
}

static void output_past_the_cap_breaks_the_protocol(void **state)
{
    (void)state;
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_true(tell_text(WIRE_OUTPUT, "\1abc"));
    assert_false(tell_text(WIRE_OUTPUT, "\1de"));
    assert_true(tell_text(WIRE_OUTPUT, "\1d"));
    assert_true(tell_text(WIRE_OUTPUT, "\2wxyz"));
    assert_false(tell_text(WIRE_OUTPUT, "\2!"));
}

static bool tell_file(const char *content)
{
    struct buf payload;
    struct artifact file = {
        .path = bytes_of_string("out.csv"), .content = bytes_of_string(content), .size_bytes = 100};
    buf_init(&payload, 1000);
    assert_true(artifact_encode(&payload, &file));
    bool ok = tell(WIRE_FILE, buf_bytes(&payload));
    buf_release(&payload);
    return ok;
}

static void files_are_told_within_their_quota(void **state)
{
    (void)state;
    assert_false(tell_file("ab")); /* not before the program has started */
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_true(tell_file("ab"));
    assert_false(tell_file("cde"));
    assert_true(tell_file(""));
    assert_false(tell_file("")); /* one too many */
    assert_false(tell_text(WIRE_DISPLAY, ""));
    assert_string_equal(trace, "started file:ab file: ");
}

static bool comes_up(enum wire_type type)
{
    static const enum wire_type types[] = {WIRE_PAIRED,  WIRE_STARTED, WIRE_OUTPUT, WIRE_FILE,
                                           WIRE_DISPLAY, WIRE_END,     WIRE_REFUSED};
    size_t i = 0;
    while (i < COUNT(types) && types[i] != type)
        i++;
    return i < COUNT(types);
}

static void frames_that_do_not_come_up_break_the_protocol(void **state)
{
    (void)state;
    for (unsigned number = 0; number <= UINT8_MAX; number++) {
        enum wire_type type = (enum wire_type)number;
        bool is_known = strcmp(wire_type_name(type), "unknown") != 0;
        check(!is_known || comes_up(type) || !tell_text(type, ""), "%s", wire_type_name(type));
    }
}

static void frames_of_a_forgotten_run_are_dropped(void **state)
{
    (void)state;
    assert_true(link_runs_forget(&runs, id));
    assert_true(tell_paired());
    assert_true(tell_text(WIRE_STARTED, ""));
    assert_true(tell_text(WIRE_OUTPUT, "\1abcdefghi"));
    assert_true(tell_end(VERDICT_EXITED));
    assert_true(tell_refused(ERR_BUSY, "", 0));
    assert_string_equal(trace, "");
}

static void a_box_lost_before_it_could_tell_ends_its_run(void **state)
{
    (void)state;
    assert_true(tell_paired());
    assert_true(tell_end(VERDICT_LOST));
    assert_string_equal(trace, "paired lost ");
}

static void a_lost_peer_ends_or_refuses_each(void **state)
{
    (void)state;
    assert_true(tell_text(WIRE_STARTED, ""));
    trace[0] = '\0';
    link_runs_lose_all(&runs);
    assert_string_equal(trace, "lost ");
    trace[0] = '\0';
    assert_true(link_runs_add(&runs, &sink, NULL, quota, &id, NULL));
    assert_true(tell_paired());
    link_runs_lose_all(&runs);
    assert_string_equal(trace, "paired lost ");
    trace[0] = '\0';
    assert_true(link_runs_add(&runs, &sink, NULL, quota, &id, NULL));
    link_runs_lose_all(&runs);
    assert_non_null(strstr(trace, "engine("));
    assert_false(link_runs_forget(&runs, id));
}

static void a_run_may_bring_its_id(void **state)
{
    (void)state;
    uint64_t own = 77;
    assert_false(link_runs_have(&runs, own));
    assert_true(link_runs_add(&runs, &sink, NULL, quota, &own, NULL));
    assert_true(own == 77 && link_runs_have(&runs, 77));
    assert_true(link_runs_forget(&runs, 77));
    assert_false(link_runs_have(&runs, 77));
}

static void many_runs_are_found(void **state)
{
    (void)state;
    static uint64_t ids[5000];
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_true(link_runs_add(&runs, &sink, NULL, quota, &ids[i], NULL));
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_true(link_runs_forget(&runs, ids[i]));
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_false(link_runs_forget(&runs, ids[i]));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_run_lives_and_ends),
        test(a_ready_box_may_start_it_anew),
        test(a_box_that_is_used_again_is_told_of),
        test(a_run_is_refused),
        test(a_long_refusal_is_cut),
        test(frames_out_of_order_break_the_protocol),
        test(malformed_payloads_break_the_protocol),
        test(output_past_the_cap_breaks_the_protocol),
        test(files_are_told_within_their_quota),
        test(frames_that_do_not_come_up_break_the_protocol),
        test(frames_of_a_forgotten_run_are_dropped),
        test(a_box_lost_before_it_could_tell_ends_its_run),
        test(a_lost_peer_ends_or_refuses_each),
        test(a_run_may_bring_its_id),
        test(many_runs_are_found),
    };
    return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
