#include "unit.h"

#include "common/runtime.h"

static const struct runtimes two = {
    .count = 2,
    .all = {{.name = "python", .language = "python", .version = "3.11.2", .ready = 4},
            {.name = "python-data", .packages = "numpy=1.24.2 pandas=1.5.3"}},
};

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct runtimes out;
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(runtimes_encode(&buf, &two));
    assert_true(runtimes_decode(buf_bytes(&buf), &out, NULL));
    assert_int_equal(out.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(out.all[i].name, two.all[i].name);
        assert_string_equal(out.all[i].language, two.all[i].language);
        assert_string_equal(out.all[i].version, two.all[i].version);
        assert_string_equal(out.all[i].packages, two.all[i].packages);
        assert_int_equal(out.all[i].ready, two.all[i].ready);
    }
    assert_ptr_equal(runtimes_find(&out, "python-data"), &out.all[1]);
    assert_null(runtimes_find(&out, "ruby"));
    buf_release(&buf);
}

static void nothing_is_written_where_there_is_no_room(void **state)
{
    (void)state;
    for (size_t room = 1; room < 100; room += 7) {
        struct buf buf;
        buf_init(&buf, room);
        assert_false(runtimes_encode(&buf, &two));
        assert_int_equal(buf.len, 0);
        buf_release(&buf);
    }
}

static bool decodes(const struct buf *buf, struct runtimes *out)
{
    struct error err = {0};
    bool decoded = runtimes_decode(buf_bytes(buf), out, &err);
    assert_int_equal(err.kind, decoded ? ERR_NONE : ERR_PROTOCOL);
    return decoded;
}

static void what_is_cut_or_misplaced_is_refused(void **state)
{
    (void)state;
    struct runtimes out = {.count = 7};
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(runtimes_encode(&buf, &two));
    buf_truncate(&buf, buf.len - 1);
    assert_false(decodes(&buf, &out));
    buf_truncate(&buf, 0);
    assert_true(wire_put_u64(&buf, WIRE_TAG_READY, 1)); /* of which runtime? */
    assert_false(decodes(&buf, &out));
    buf_truncate(&buf, 0);
    assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, "python", 6));
    assert_true(wire_put(&buf, WIRE_TAG_READY, "1", 1)); /* no number */
    assert_false(decodes(&buf, &out));
    assert_int_equal(out.count, 7);
    buf_release(&buf);
}

static void there_are_no_more_than_can_be_configured(void **state)
{
    (void)state;
    struct runtimes out;
    struct buf buf;
    buf_init(&buf, 10000);
    for (size_t i = 0; i < CONFIG_RUNTIMES_MAX; i++)
        assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, "python", 6));
    assert_true(decodes(&buf, &out));
    assert_int_equal(out.count, CONFIG_RUNTIMES_MAX);
    assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, "python", 6));
    assert_false(decodes(&buf, &out));
    buf_release(&buf);
}

static void long_texts_are_cut_and_long_names_refused(void **state)
{
    (void)state;
    static char text[1000];
    memset(text, 'x', sizeof(text));
    struct runtimes out;
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, text, JOB_RUNTIME_NAME_MAX));
    assert_true(wire_put(&buf, WIRE_TAG_PACKAGES, text, sizeof(text)));
    assert_true(decodes(&buf, &out));
    assert_int_equal(strlen(out.all[0].name), JOB_RUNTIME_NAME_MAX);
    assert_int_equal(strlen(out.all[0].packages), sizeof(out.all[0].packages) - 1);
    assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, text, JOB_RUNTIME_NAME_MAX + 1));
    assert_false(decodes(&buf, &out));
    buf_release(&buf);
}

static void fields_of_later_versions_are_passed_over(void **state)
{
    (void)state;
    struct runtimes out;
    struct buf buf;
    buf_init(&buf, 1000);
    assert_true(wire_put(&buf, WIRE_TAG_RUNTIME, "python", 6));
    assert_true(wire_put(&buf, (enum wire_tag)9999, "new", 3));
    assert_true(decodes(&buf, &out));
    assert_int_equal(out.count, 1);
    buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(nothing_is_written_where_there_is_no_room),
        cmocka_unit_test(what_is_cut_or_misplaced_is_refused),
        cmocka_unit_test(there_are_no_more_than_can_be_configured),
        cmocka_unit_test(long_texts_are_cut_and_long_names_refused),
        cmocka_unit_test(fields_of_later_versions_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
