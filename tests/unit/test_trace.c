#include "unit.h"

#include "front/http/trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00-" TRACE "-00f067aa0ba902b7-01"

static struct trace read(const char *request_id, const char *traceparent)
{
    return trace_read(bytes_of_string(request_id), bytes_of_string(traceparent));
}

static void a_fit_id_is_kept(void **state)
{
    (void)state;
    static const char *const fit[] = {
        "a", "Req-1_2.3", "0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < COUNT(fit); i++)
        assert_string_equal(read(fit[i], "").request_id, fit[i]);
}

static void any_other_is_replaced(void **state)
{
    (void)state;
    static const char *const unfit[] = {
        "",         "a b", "a\"",
        "\xc3\xa4", "a/b", "01234567890123456789012345678901234567890123456789012345678901234"};
    for (size_t i = 0; i < COUNT(unfit); i++) {
        struct trace trace = read(unfit[i], "");
        check(strlen(trace.request_id) == 32, "%s", unfit[i]);
        assert_string_not_equal(trace.request_id, read(unfit[i], "").request_id);
    }
}

static void a_trace_id_is_taken_up(void **state)
{
    (void)state;
    assert_string_equal(read("", PARENT).trace_id, TRACE);
    assert_string_equal(read("", "cc-" TRACE "-00f067aa0ba902b7-01-more").trace_id, TRACE);
}

static void what_is_no_traceparent_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "00-" TRACE "-00f067aa0ba902b7-0",
        PARENT "0",
        PARENT "-more",
        "ff-" TRACE "-00f067aa0ba902b7-01",
        "cc-" TRACE "-00f067aa0ba902b7-01more",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" TRACE "-0000000000000000-01",
        "00_" TRACE "-00f067aa0ba902b7-01",
        "0x-" TRACE "-00f067aa0ba902b7-01",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        check(read("", bad[i]).trace_id[0] == '\0', "%s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_id_is_kept),
        cmocka_unit_test(any_other_is_replaced),
        cmocka_unit_test(a_trace_id_is_taken_up),
        cmocka_unit_test(what_is_no_traceparent_is_none),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
