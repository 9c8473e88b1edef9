#include "unit.h"

#include "client/events.h"

/* Append an event as "name=data;" with "|" for LF. `feed` appends "!" if the stream is invalid. */
static void note(struct buf *told, const struct event *event)
{
    assert_true(buf_printf(told, "%s=", event->name));
    for (size_t i = 0; i < event->data.len; i++)
        assert_true(buf_append(
            told, event->data.data[i] == '\n' ? "|" : (const char *)&event->data.data[i], 1));
    assert_true(buf_append_string(told, ";"));
}

static bool feed(struct events *events, struct buf *told, const char *data, size_t len)
{
    struct bytes rest = bytes_of(data, len);
    struct event event;
    enum events_result result;
    while ((result = events_next(events, &rest, &event)) == EVENTS_EVENT)
        note(told, &event);
    if (result == EVENTS_BAD)
        assert_true(buf_append_string(told, "!"));
    else
        assert_int_equal(rest.len, 0);
    return result == EVENTS_MORE;
}

/* Feed the stream in three pieces. */
static bool tells(const char *stream, size_t first, size_t second, size_t max_bytes,
                  const char *expected)
{
    struct buf told;
    struct events events;
    buf_init(&told, 1000);
    events_init(&events, max_bytes);
    if (feed(&events, &told, stream, first) && feed(&events, &told, stream + first, second - first))
        feed(&events, &told, stream + second, strlen(stream) - second);
    bool is_right = bytes_equal_string(buf_bytes(&told), expected);
    events_release(&events);
    buf_release(&told);
    return is_right;
}

static const struct row {
    const char *stream, *expected;
} rows[] = {
    {"data: a\n\n", "message=a;"},
    {"id: 1\nevent: stdout\ndata: \"x\"\n\nid: 2\nevent: result\ndata: {}\n\n",
     "stdout=\"x\";result={};"},
    {"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "message=a;message=b;message=c;"},
    {"data: a\r\rdata: b\r\n\n", "message=a;message=b;"},
    {"data: a\ndata: b\ndata:\n\n", "message=a|b|;"},
    {"data:a\n\ndata:  a\n\n", "message=a;message= a;"},
    {"data\n\n", "message=;"},
    {": ping\n\n: ping\n\ndata: a\n\n", "message=a;"},
    {"event: a\n\ndata: b\n\n", "message=b;"},
    {"event: a\ndata: 1\n\ndata: 2\n\n", "a=1;message=2;"},
    {"event: a\nevent: b\ndata: 1\n\n", "b=1;"},
    {"\xef\xbb\xbf"
     "data: a\n\n",
     "message=a;"},
    {"data: \xef\xbb\xbf\n\n", "message=\xef\xbb\xbf;"},
    {"datax: a\nDATA: b\nretry: 5\nid: 7\n\n", ""},
    {"data: a", ""},
    {"data: a\n", ""},
    {"\n\n\n", ""},
    {"data: a: b\n\n", "message=a: b;"},
    {"event: 0123456789012345678901234567890123456789012345678901234567890123\n", "!"},
};

static void takes_streams_apart_wherever_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = strlen(rows[i].stream);
        for (size_t at = 0; at < (len + 1) * (len + 1); at++) {
            size_t first = at / (len + 1), second = at % (len + 1);
            check(second < first || tells(rows[i].stream, first, second, 200, rows[i].expected),
                  "row %zu cut at %zu and %zu", i, first, second);
        }
    }
}

static void caps_a_line_and_an_event(void **state)
{
    (void)state;
    static const struct row capped[] = {
        {"data: 123456\n\n", "!"},
        {"data: 1234\n\n", "message=1234;"},
        {"data: 123\ndata: 456\ndata: 78\n\n", "message=123|456|78;"},
        {"data: 123\ndata: 456\ndata: 789\n\n", "!"},
        {": a comment that never ends", "!"},
    };
    for (size_t i = 0; i < COUNT(capped); i++)
        check(tells(capped[i].stream, 0, 0, 10, capped[i].expected), "row %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_streams_apart_wherever_they_are_cut),
        cmocka_unit_test(caps_a_line_and_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
