/* An event stream with stubs of HTTP and link: the bytes that the client gets, in steps of any
 * size.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/api/follower.h"

#define BIG_BYTES 70000

/* ---- the link and the door ---- */

static const struct run_sink *run_sink;
static struct claim no_claim;
static struct buf no_frame; /* the link takes no notice */

bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err)
{
    (void)link;
    (void)spec;
    (void)arg;
    (void)err;
    run_sink = sink;
    *run_id = 0xabc;
    return true;
}

static unsigned cancels;

void link_cancel(struct link *link, uint64_t run_id)
{
    (void)link;
    (void)run_id;
    cancels++;
}

void link_interrupt(struct link *link, uint64_t run_id)
{
    (void)link;
    (void)run_id;
    fail();
}

static struct door {
    const struct source *source;
    void *arg;
    struct buf got;
    bool is_ended, is_busy;
} door;

/* Ask the source again and again, as the HTTP server does while its client reads. */
static void pump(void)
{
    while (!door.is_ended && !door.is_busy) {
        struct bytes bytes = {0};
        enum source_state state = door.source->next(door.arg, &bytes);
        if (state == SOURCE_WAIT)
            return;
        assert_int_not_equal(state, SOURCE_BROKEN);
        assert_true(state != SOURCE_MORE || bytes.len > 0);
        if (state != SOURCE_AGAIN)
            assert_true(buf_append(&door.got, bytes.data, bytes.len));
        door.is_ended = state == SOURCE_END;
    }
}

void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg)
{
    (void)exchange;
    assert_string_equal(content_type, "text/event-stream");
    assert_null(source->measure);
    door.source = source;
    door.arg = arg;
    pump();
}

void exchange_wake(struct exchange *exchange)
{
    (void)exchange;
    pump();
}

static unsigned evictions;

void exchange_evict(struct exchange *exchange)
{
    (void)exchange;
    evictions++;
}

static uint64_t slow_ms;

uint64_t exchange_slow_ms(const struct exchange *exchange)
{
    (void)exchange;
    return slow_ms;
}

void exchange_set_header(struct exchange *exchange, const char *name, const char *value)
{
    (void)exchange;
    assert_string_equal(name, "x-accel-buffering");
    assert_string_equal(value, "no");
}

void exchange_note_run(struct exchange *exchange, uint64_t run_id)
{
    (void)exchange;
    assert_int_equal(run_id, 0xabc);
}

const char *exchange_key(const struct exchange *exchange)
{
    (void)exchange;
    return "";
}

/* Only a stream for which there is no memory gets a whole answer. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body)
{
    (void)exchange;
    (void)content_type;
    (void)body;
    fail_msg("answered with %d", status);
}

static const char *noted;

void exchange_note_verdict(struct exchange *exchange, const char *verdict)
{
    (void)exchange;
    noted = verdict;
}

/* ---- what every test has ---- */

static struct reactor reactor;
static struct service service;
static void *execution;

static int set_up(void **state)
{
    (void)state;
    const struct job job = {.timeout_ms = 1000, .queue_timeout_ms = 1000, .output_bytes = 100000};
    static const struct config config = {.max_pending_bytes = 1 << 20, .max_unread_bytes = 4 << 20};
    service_init(&service, &config, &reactor);
    slow_ms = 0;
    evictions = 0;
    door = (struct door){.source = NULL};
    cancels = 0;
    buf_init(&door.got, 10000000);
    if (!reactor_init(&reactor))
        return -1;
    const struct execution_terms terms = {.job = &job, .frame = &no_frame};
    execution = execution_begin(&service.executions, &terms, &no_claim, NULL);
    return execution ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (door.source)
        door.source->release(door.arg);
    buf_release(&door.got);
    reactor_release(&reactor);
    return 0;
}

static void begin(enum follower_kind kind)
{
    const struct call call = {.service = &service};
    follower_begin(&call, execution, kind, (struct transcript_cursor){0});
}

static void leave(enum wire_type type, const char *name, struct bytes content)
{
    const struct artifact artifact = {
        .path = bytes_of_string(type == WIRE_FILE ? name : ""),
        .media_type = bytes_of_string(type == WIRE_FILE ? "" : name),
        .content = content,
        .size_bytes = content.len,
    };
    run_sink->on_artifact(execution, type, &artifact);
}

static void end(void)
{
    run_sink->on_end(execution, &(struct outcome){.verdict = VERDICT_EXITED});
}

/* Returns true if the bytes so far end in this text, and forgets them. */
static bool came(const char *text)
{
    size_t len = strlen(text);
    bool fits = door.got.len >= len && memcmp(door.got.data + door.got.len - len, text, len) == 0;
    buf_truncate(&door.got, 0);
    return fits;
}

/* ---- the tests ---- */

static void each_word_goes_out_when_it_is_said(void **state)
{
    (void)state;
    begin(FOLLOWER_CALL);
    assert_true(came("id: 1\nevent: queued\ndata: {\"id\":\"0000000000000abc\"}\n\n"));
    run_sink->on_paired(execution, 1000, false);
    assert_int_equal(door.got.len, 0);
    run_sink->on_started(execution, false);
    assert_true(
        came("id: 2\nevent: started\ndata: {\"start\":\"cold\",\"queue_time\":0.000001}\n\n"));
    run_sink->on_output(execution, WIRE_STDOUT, bytes_of_string("a\xc3"));
    assert_true(came("id: 3\nevent: stdout\ndata: \"a\"\n\n"));
    leave(WIRE_FILE, "a.txt", bytes_of_string("b"));
    assert_true(came("id: 4\nevent: file\ndata: {\"path\":\"a.txt\",\"size_bytes\":1,"
                     "\"media_type\":\"text/plain\",\"content\":\"b\",\"encoding\":\"utf-8\","
                     "\"truncated\":false}\n\n"));
    assert_false(door.is_ended);
    end();
    assert_true(door.is_ended);
    assert_string_equal(noted, "success");
    assert_non_null(
        memmem(door.got.data, door.got.len, "id: 5\nevent: stdout\ndata: \"\xef\xbf\xbd", 30));
    assert_true(came("}],"
                     "\"displays\":[]}\n\n"));
}

/* Large data is written in slices, between the beginning and the end of its event. */
static void large_data_comes_whole(void **state)
{
    (void)state;
    static char big[BIG_BYTES];
    static const char head[] =
        "id: 2\nevent: display\ndata: {\"media_type\":\"text/html\",\"content\":\"xxx";
    memset(big, 'x', sizeof big);
    begin(FOLLOWER_CALL);
    buf_truncate(&door.got, 0);
    leave(WIRE_DISPLAY, "text/html", bytes_of(big, sizeof big));
    assert_memory_equal(door.got.data, head, sizeof head - 1);
    assert_true(door.got.len > BIG_BYTES);
    assert_true(came("xxx\",\"encoding\":\"utf-8\"}\n\n"));
    run_sink->on_output(execution, WIRE_STDERR, bytes_of_string("y"));
    assert_true(came("id: 3\nevent: stderr\ndata: \"y\"\n\n"));
    end();
    assert_true(door.is_ended && door.got.len > BIG_BYTES);
    assert_true(came("xxx\",\"encoding\":\"utf-8\"}]}\n\n"));
}

static void a_slow_client_gets_it_later(void **state)
{
    (void)state;
    begin(FOLLOWER_CALL);
    door.is_busy = true;
    buf_truncate(&door.got, 0);
    for (int i = 0; i < 1000; i++)
        run_sink->on_output(execution, WIRE_STDOUT, bytes_of_string("0123456789"));
    end();
    assert_int_equal(door.got.len, 0);
    door.is_busy = false;
    pump();
    assert_true(door.is_ended);
    static const char first[] = "id: 2\nevent: stdout\ndata: \"0123456789\"\n\n";
    assert_memory_equal(door.got.data, first, sizeof first - 1);
    assert_non_null(memmem(door.got.data, door.got.len, "\nid: 1002\nevent: result\n", 24));
}

/* Listen like the archive, so that the execution is kept. */
static void keep(struct listener *listener)
{
    (void)listener;
}

static void a_refusal_is_an_error_to_who_called_and_a_result_to_others(void **state)
{
    (void)state;
    struct listener keeper = {.on_said = keep};
    execution_attach(execution, &keeper);
    begin(FOLLOWER_CALL);
    run_sink->on_refused(execution, &(struct error){ERR_BUSY, "full"}, 1000);
    assert_true(door.is_ended);
    assert_string_equal(noted, "busy");
    assert_true(came("id: 2\nevent: error\ndata: {\"type\":\"about:blank\","
                     "\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"full\","
                     "\"code\":\"busy\"}\n\n"));
    struct door first = door;
    buf_init(&door.got, 10000);
    door.is_ended = false;
    begin(FOLLOWER_REPLAY);
    assert_true(door.is_ended);
    assert_string_equal(noted, "failed");
    assert_non_null(memmem(door.got.data, door.got.len, "id: 2\nevent: result\ndata: {\"id\"", 31));
    first.source->release(first.arg);
    buf_release(&first.got);
    execution_detach(&keeper);
}

static void a_hang_up_cancels(void **state)
{
    (void)state;
    begin(FOLLOWER_CALL);
    door.source->release(door.arg);
    door.source = NULL;
    assert_int_equal(cancels, 1);
    assert_int_equal(service.executions.unfinished.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_word_goes_out_when_it_is_said),
        TEST(large_data_comes_whole),
        TEST(a_slow_client_gets_it_later),
        TEST(a_refusal_is_an_error_to_who_called_and_a_result_to_others),
        TEST(a_hang_up_cancels),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
