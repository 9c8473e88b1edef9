#include "unit.h"

#include <stdio.h>

#include "rendered.h"

static char text[4096];

/* A transcript of `print("hi")` that has not ended. `written` releases it. */
static struct transcript sample(void)
{
    const struct job job = {
        .timeout_ms = 2000,
        .cpu_time_ms = 1500,
        .limits = {.memory_bytes = 256 << 20, .pids = 64},
        .output_bytes = 1 << 20,
    };
    struct transcript transcript;
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    transcript.run_id = 0xabc;
    transcript_pair(&transcript, 200000, true);
    transcript_start(&transcript, false);
    return transcript;
}

/* Returns the answer's JSON after the run has ended with this outcome. Valid until the next
 * call. */
static const char *written(struct transcript *transcript, const struct outcome *outcome)
{
    transcript_end(transcript, outcome);
    struct buf out = rendered(rendering_of_answer(transcript));
    snprintf(text, sizeof text, "%.*s", (int)out.len, (const char *)buf_bytes(&out).data);
    buf_release(&out);
    transcript_release(transcript);
    return text;
}

static void a_success_has_every_field_in_order(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED,
                                    .wall_ns = 4100000,
                                    .cpu_ns = 3000000,
                                    .peak_memory_bytes = 9437184,
                                    .out = {3, 3}};
    struct transcript transcript = sample();
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string("hi\n"));
    assert_string_equal(
        written(&transcript, &outcome),
        "{\"id\":\"0000000000000abc\",\"status\":\"success\",\"stdout\":\"hi\\n\",\"stderr\":\"\","
        "\"execution_time\":0.0041,\"return_code\":0,\"signal\":null,\"reason\":null,"
        "\"message\":null,\"stdout_bytes\":3,\"stderr_bytes\":0,\"stdout_truncated\":false,"
        "\"stderr_truncated\":false,\"cpu_time\":0.003,\"peak_memory\":9437184,"
        "\"queue_time\":0.0002,\"start\":\"warm\",\"files\":[],\"displays\":[]}");
}

static void each_end_is_told(void **state)
{
    (void)state;
    static const struct {
        struct outcome outcome;
        const char *expected;
    } rows[] = {
        {{.verdict = VERDICT_EXITED, .exit_code = 3},
         "\"return_code\":3,\"signal\":null,\"reason\":null,\"message\":null"},
        {{.verdict = VERDICT_SIGNALED, .signal = 11},
         "\"return_code\":-11,\"signal\":\"SIGSEGV\",\"reason\":null,\"message\":null"},
        {{.verdict = VERDICT_SIGNALED, .signal = 6}, "\"return_code\":-6,\"signal\":\"SIGABRT\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 29}, "\"signal\":\"SIGIO\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 34}, "\"signal\":\"SIGRTMIN\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 36}, "\"signal\":\"SIGRTMIN+2\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 64}, "\"signal\":\"SIGRTMAX\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 33}, "\"signal\":\"33\""},
        {{.verdict = VERDICT_TIMEOUT, .wall_ns = 2000000000},
         "\"return_code\":null,\"signal\":null,\"reason\":\"timeout\","
         "\"message\":\"Execution timed out after 2 seconds; output that was not flushed may be "
         "missing\""},
        {{.verdict = VERDICT_CPU_TIME, .cpu_ns = 1500000000},
         "\"return_code\":null,\"signal\":null,\"reason\":\"cpu_time_limit\","
         "\"message\":\"The program used up its CPU time limit of 1.5 seconds; output that was not "
         "flushed may be missing\""},
        {{.verdict = VERDICT_OOM, .signal = 9, .oom_kills = 1},
         "\"return_code\":-9,\"signal\":\"SIGKILL\",\"reason\":\"memory_limit\","
         "\"message\":\"The program needed more memory than its limit of 268435456 bytes\""},
        {{.verdict = VERDICT_OOM, .signal = 9, .text = "too many locks"},
         "\"reason\":\"memory_limit\",\"message\":\"too many locks\""},
        {{.verdict = VERDICT_LOST, .text = "the box is gone"},
         "\"return_code\":null,\"signal\":null,\"reason\":\"sandbox\","
         "\"message\":\"the box is gone\""},
        {{.verdict = VERDICT_LOST},
         "\"reason\":\"sandbox\",\"message\":\"The run was lost after it had started\""},
        {{.verdict = VERDICT_EXITED, .oom_kills = 2},
         "\"return_code\":0,\"signal\":null,\"reason\":null,"
         "\"message\":\"The kernel killed 2 processes of this run for lack of memory\""},
        {{.verdict = VERDICT_EXITED, .out = {9, 0}},
         "\"reason\":\"output_limit\",\"message\":\"Output is cut at 1048576 bytes per stream\""},
        {{.verdict = VERDICT_EXITED, .left_out_count = 44},
         "\"reason\":\"output_limit\","
         "\"message\":\"Output files that could not be returned: at least 44\""},
        {{.verdict = VERDICT_TIMEOUT, .err = {9, 0}}, "\"reason\":\"timeout\""},
        {{.verdict = VERDICT_EXITED}, "\"cpu_time\":0,\"peak_memory\":null"},
        {{.verdict = VERDICT_SIGNALED, .signal = 11}, "\"cpu_time\":0,"},
        {{.verdict = VERDICT_LOST}, "\"cpu_time\":null,\"peak_memory\":null"},
        {{.verdict = VERDICT_LOST, .cpu_ns = 1000000}, "\"cpu_time\":0.001,"},
        {{.verdict = VERDICT_TIMEOUT}, "\"cpu_time\":null,"},
        {{.verdict = VERDICT_TIMEOUT, .cpu_ns = 1000000}, "\"cpu_time\":0.001,"},
        {{.verdict = VERDICT_OOM, .signal = 9}, "\"cpu_time\":null,"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transcript transcript = sample();
        const char *got = written(&transcript, &rows[i].outcome);
        check(strstr(got, rows[i].expected), "\n%s\nin\n%s", rows[i].expected, got);
    }
}

static void what_was_short_is_told(void **state)
{
    (void)state;
    static const struct {
        struct outcome outcome;
        const char *expected;
    } rows[] = {
        {{.verdict = VERDICT_TIMEOUT, .pids_refused_count = 7},
         "\"message\":\"Execution timed out after 2 seconds; output that was not flushed may be "
         "missing. The limit of 64 processes and threads was reached; 7 could not be started\""},
        {{.verdict = VERDICT_EXITED, .pids_refused_count = 1},
         "\"reason\":null,\"message\":\"The limit of 64 processes and threads was reached; 1 "
         "could not be started\""},
        {{.verdict = VERDICT_EXITED, .exit_code = 1, .pids_refused_count = 1},
         "\"reason\":\"pids_limit\",\"message\":\"The limit of 64 processes"},
        {{.verdict = VERDICT_SIGNALED, .signal = 6, .pids_refused_count = 1, .out = {9, 0}},
         "\"reason\":\"pids_limit\",\"message\":\"The limit of 64 processes and threads was "
         "reached; 1 could not be started. Output is cut at 1048576 bytes per stream\""},
        {{.verdict = VERDICT_EXITED, .pids_refused_count = 1, .out = {9, 0}},
         "\"reason\":\"output_limit\",\"message\":\"The limit of 64 processes"},
        {{.verdict = VERDICT_OOM, .signal = 9, .pids_refused_count = 2},
         "\"reason\":\"memory_limit\",\"message\":\"The program needed more memory than its limit "
         "of 268435456 bytes. The limit of 64 processes"},
        {{.verdict = VERDICT_EXITED, .exit_code = 1, .inodes_limit = 16384},
         "\"reason\":null,\"message\":\"/box or /tmp was full: at most 16384 files and folders fit "
         "in each\""},
        {{.verdict = VERDICT_SIGNALED, .signal = 6, .room_bytes = 4096},
         "\"reason\":null,\"message\":\"/box or /tmp was full: at most 4096 bytes fit in each\""},
        {{.verdict = VERDICT_EXITED, .room_bytes = 4096}, "\"reason\":null,\"message\":null"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transcript transcript = sample();
        const char *got = written(&transcript, &rows[i].outcome);
        check(strstr(got, rows[i].expected), "\n%s\nin\n%s", rows[i].expected, got);
    }
}

static void statuses(void **state)
{
    (void)state;
    static const struct {
        struct outcome outcome;
        const char *expected;
    } rows[] = {
        {{.verdict = VERDICT_EXITED}, "success"},
        {{.verdict = VERDICT_EXITED, .exit_code = 1}, "error"},
        {{.verdict = VERDICT_SIGNALED}, "error"},
        {{.verdict = VERDICT_OOM}, "error"},
        {{.verdict = VERDICT_TIMEOUT}, "timeout"},
        {{.verdict = VERDICT_CPU_TIME}, "timeout"},
        {{.verdict = VERDICT_LOST}, "failed"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transcript transcript = sample();
        transcript_end(&transcript, &rows[i].outcome);
        assert_string_equal(answer_status(&transcript), rows[i].expected);
        transcript_release(&transcript);
    }
}

static void a_refused_run_has_not_started(void **state)
{
    (void)state;
    const struct job job = {.output_bytes = 1};
    struct transcript transcript;
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    transcript_refuse(&transcript, &(struct error){ERR_BUSY, "the queue is full"}, 0);
    assert_string_equal(answer_status(&transcript), "failed");
    struct buf out = rendered(rendering_of_answer(&transcript));
    snprintf(text, sizeof text, "%.*s", (int)out.len, (const char *)buf_bytes(&out).data);
    assert_non_null(strstr(text, "\"status\":\"failed\",\"stdout\":\"\",\"stderr\":\"\","
                                 "\"execution_time\":0,\"return_code\":null,\"signal\":null,"
                                 "\"reason\":\"not_started\","
                                 "\"message\":\"the queue is full\""));
    assert_non_null(strstr(text, "\"start\":null"));
    assert_non_null(strstr(text, "\"cpu_time\":null,\"peak_memory\":null"));
    buf_release(&out);
    transcript_release(&transcript);
}

static void a_canceled_run_keeps_what_it_said(void **state)
{
    (void)state;
    struct transcript transcript = sample();
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string("so far"));
    transcript_cancel(&transcript, 1500000000);
    struct buf out = rendered(rendering_of_answer(&transcript));
    snprintf(text, sizeof text, "%.*s", (int)out.len, (const char *)buf_bytes(&out).data);
    assert_non_null(strstr(text, "\"status\":\"failed\",\"stdout\":\"so far\",\"stderr\":\"\","
                                 "\"execution_time\":1.5,\"return_code\":null,\"signal\":null,"
                                 "\"reason\":\"canceled\",\"message\":"));
    assert_non_null(strstr(text, "\"cpu_time\":null,\"peak_memory\":null"));
    buf_release(&out);
    transcript_release(&transcript);
}

static void timeouts_are_told_in_seconds(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_TIMEOUT};
    struct transcript transcript = sample();
    transcript.timeout_ms = 1500;
    assert_non_null(strstr(written(&transcript, &outcome), "after 1.5 seconds; "));
    transcript = sample();
    transcript.timeout_ms = 1000;
    assert_non_null(strstr(written(&transcript, &outcome), "after 1 second; "));
    transcript = sample();
    transcript.line_buffered = true;
    assert_non_null(strstr(written(&transcript, &outcome), "after 2 seconds\""));
}

/* All limits were exceeded, with the longest numbers. */
static void the_longest_message_is_whole(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED,
                                    .exit_code = 1,
                                    .room_bytes = UINT64_MAX,
                                    .oom_kills = UINT64_MAX,
                                    .pids_refused_count = UINT64_MAX,
                                    .inodes_limit = UINT64_MAX,
                                    .left_out_count = UINT64_MAX};
    struct transcript transcript = sample();
    transcript.pids = UINT32_MAX;
    assert_non_null(
        strstr(written(&transcript, &outcome), "returned: at least 18446744073709551615\","));
}

static void the_cut_leaves_no_broken_character(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED, .out = {9, 3}, .err = {3, 3}};
    struct transcript transcript = sample();
    /* the first is cut within a character; the second is not cut: the program itself wrote half a
     * character */
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of("ab\xc3", 3));
    transcript_add_output(&transcript, WIRE_STDERR, bytes_of("cd\xc3", 3));
    const char *got = written(&transcript, &outcome);
    assert_non_null(strstr(got, "\"stdout\":\"ab\",\"stderr\":\"cd\xef\xbf\xbd\""));
    assert_non_null(strstr(got, "\"stdout_truncated\":true,\"stderr_truncated\":false"));
}

static void base64_gives_every_byte(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED, .out = {9, 3}};
    struct transcript transcript = sample();
    transcript.output_encoding = OUTPUT_BASE64;
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of("\xff\0\xc3", 3));
    assert_non_null(strstr(written(&transcript, &outcome), "\"stdout\":\"/wDD\",\"stderr\":\"\""));
}

/* If init was lost, there are no counts: the bytes that arrived count as written. */
static void what_came_is_counted(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_LOST};
    struct transcript transcript = sample();
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string("abc"));
    const char *got = written(&transcript, &outcome);
    assert_non_null(strstr(got, "\"stdout_bytes\":3"));
    assert_non_null(strstr(got, "\"stdout_truncated\":false"));
}

static void files_and_displays_stand_apart_in_order(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED};
    const struct artifact file = {
        .path = bytes_of_string("a.csv"), .content = bytes_of_string("1,2\n"), .size_bytes = 4};
    const struct artifact plot = {.media_type = bytes_of_string("image/png"),
                                  .content = bytes_of("\x89PNG", 4),
                                  .size_bytes = 4};
    struct transcript transcript = sample();
    transcript_add_artifact(&transcript, WIRE_DISPLAY, &plot);
    transcript_add_artifact(&transcript, WIRE_FILE, &file);
    transcript_add_artifact(&transcript, WIRE_FILE, &file);
    const char *got = written(&transcript, &outcome);
    static const char one[] = "{\"path\":\"a.csv\",\"size_bytes\":4,\"media_type\":\"text/csv\","
                              "\"content\":\"1,2\\n\",\"encoding\":\"utf-8\",\"truncated\":false}";
    char expected[1024];
    snprintf(expected, sizeof expected,
             "\"files\":[%s,%s],\"displays\":[{\"media_type\":\"image/png\","
             "\"content\":\"iVBORw==\",\"encoding\":\"base64\"}]}",
             one, one);
    assert_non_null(strstr(got, expected));
}

static void what_found_no_memory_is_told(void **state)
{
    (void)state;
    const struct outcome outcome = {.verdict = VERDICT_EXITED, .out = {2, 2}, .err = {2, 2}};
    struct transcript transcript = sample();
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string("a"));
    transcript_leave_out_output(&transcript, WIRE_STDOUT);
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string("b"));
    transcript_add_output(&transcript, WIRE_STDERR, bytes_of_string("cd"));
    const char *got = written(&transcript, &outcome);
    assert_non_null(strstr(got, "\"stdout\":\"a\",\"stderr\":\"cd\""));
    assert_non_null(strstr(got, "\"stdout_truncated\":true,\"stderr_truncated\":false"));
    assert_non_null(strstr(got,
                           "\"reason\":\"output_limit\",\"message\":\"The gateway had no memory "
                           "left for all of the program's output\""));
    transcript = sample();
    transcript_leave_out_artifact(&transcript, WIRE_FILE);
    assert_non_null(strstr(written(&transcript, &(struct outcome){.verdict = VERDICT_EXITED}),
                           "\"reason\":\"output_limit\",\"message\":\"The gateway had no memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_success_has_every_field_in_order),
        cmocka_unit_test(each_end_is_told),
        cmocka_unit_test(what_was_short_is_told),
        cmocka_unit_test(statuses),
        cmocka_unit_test(a_refused_run_has_not_started),
        cmocka_unit_test(a_canceled_run_keeps_what_it_said),
        cmocka_unit_test(timeouts_are_told_in_seconds),
        cmocka_unit_test(the_longest_message_is_whole),
        cmocka_unit_test(the_cut_leaves_no_broken_character),
        cmocka_unit_test(base64_gives_every_byte),
        cmocka_unit_test(what_came_is_counted),
        cmocka_unit_test(files_and_displays_stand_apart_in_order),
        cmocka_unit_test(what_found_no_memory_is_told),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
