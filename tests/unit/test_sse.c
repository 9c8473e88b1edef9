#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "front/api/sse.h"

/* The events of a whole transcript, without those whose data the caller writes. */
static void write_all(struct buf *out, const struct transcript *transcript)
{
    struct transcript_cursor cursor = {0};
    struct said said;
    while (transcript_next(transcript, &cursor, &said)) {
        if (said.kind != SAID_END)
            assert_true(sse_write(out, transcript, &said));
    }
}

static struct transcript transcript_of(enum output_encoding encoding, const char *out,
                                       const char *err)
{
    const struct job job = {.output_bytes = 100};
    struct transcript transcript;
    transcript_init(&transcript, &job, encoding);
    transcript.run_id = 0xabc;
    transcript_pair(&transcript, 1500000, true);
    transcript_start(&transcript, false);
    transcript_add_output(&transcript, WIRE_STDOUT, bytes_of_string(out));
    transcript_add_output(&transcript, WIRE_STDERR, bytes_of_string(err));
    return transcript;
}

static void each_event_is_three_lines(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of(OUTPUT_UTF8, "a\r\n\"b\"\n\n", "\xff");
    struct buf out;
    buf_init(&out, 10000);
    write_all(&out, &transcript);
    transcript_end(&transcript, &(struct outcome){.verdict = VERDICT_EXITED});
    assert_true(holds(&out, "id: 1\nevent: queued\ndata: {\"id\":\"0000000000000abc\"}\n\n"
                            "id: 2\nevent: started\ndata: "
                            "{\"start\":\"warm\",\"queue_time\":0.0015}\n\n"
                            "id: 3\nevent: stdout\ndata: \"a\\r\\n\\\"b\\\"\\n\\n\"\n\n"
                            "id: 4\nevent: stderr\ndata: \"\xef\xbf\xbd\"\n\n"));
    buf_release(&out);
    transcript_release(&transcript);
}

static void output_may_be_base64(void **state)
{
    (void)state;
    struct transcript transcript = transcript_of(OUTPUT_BASE64, "\xff\xfe", "a");
    struct buf out;
    buf_init(&out, 10000);
    write_all(&out, &transcript);
    assert_true(buf_append(&out, "", 1));
    assert_non_null(strstr((const char *)out.data, "\nevent: stdout\ndata: \"//4=\"\n\n"));
    assert_non_null(strstr((const char *)out.data, "\nevent: stderr\ndata: \"YQ==\"\n\n"));
    buf_release(&out);
    transcript_release(&transcript);
}

static void the_worst_piece_fits(void **state)
{
    (void)state;
    static uint8_t nuls[TRANSCRIPT_PIECE_BYTES];
    const struct job job = {.output_bytes = sizeof nuls};
    struct transcript transcript;
    struct transcript_cursor cursor = {.number = UINT64_MAX - 9};
    struct said said;
    struct buf out;
    transcript_init(&transcript, &job, OUTPUT_UTF8);
    transcript_add_output(&transcript, WIRE_STDERR, bytes_of(nuls, sizeof nuls));
    assert_true(transcript_next(&transcript, &cursor, &said));
    assert_int_equal(said.output.len, sizeof nuls);
    buf_init(&out, SSE_EVENT_MAX_BYTES);
    assert_true(sse_write(&out, &transcript, &said));
    assert_false(sse_write(&out, &transcript, &said));
    assert_int_equal(out.data[out.len - 1], '\n');
    buf_release(&out);
    transcript_release(&transcript);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_is_three_lines),
        cmocka_unit_test(output_may_be_base64),
        cmocka_unit_test(the_worst_piece_fits),
    };
    return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
