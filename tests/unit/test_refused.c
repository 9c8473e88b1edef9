#include "unit.h"

#include "common/refused.h"

static const struct error why = {ERR_BUSY, "no place"};

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf out;
    struct error read;
    uint32_t retry_ms;
    buf_init(&out, 1000);
    assert_true(refused_encode(&out, &why, 1200));
    assert_true(refused_decode(buf_bytes(&out), &read, &retry_ms));
    assert_int_equal(read.kind, ERR_BUSY);
    assert_string_equal(read.text, "no place");
    assert_int_equal(retry_ms, 1200);
    buf_release(&out);
}

static void without_its_kind_or_cut_it_is_none(void **state)
{
    (void)state;
    struct buf out;
    struct error read = {ERR_NONE, "untouched"};
    uint32_t retry_ms = 7;
    buf_init(&out, 1000);
    assert_true(refused_encode(&out, &why, 0));
    size_t first_field = WIRE_FIELD_HEADER_BYTES + 8, second_field = first_field + 6 + 8;
    for (size_t len = 0; len < out.len; len++) {
        if (len != first_field && len != second_field)
            check(!refused_decode(bytes_of(out.data, len), &read, &retry_ms), "%zu bytes", len);
    }
    assert_string_equal(read.text, "untouched");
    assert_int_equal(retry_ms, 7);
    buf_release(&out);
}

static void what_does_not_fit_is_not_begun(void **state)
{
    (void)state;
    struct buf whole;
    buf_init(&whole, 1000);
    assert_true(refused_encode(&whole, &why, 0));
    for (size_t cap = 0; cap < whole.len; cap++) {
        struct buf small;
        buf_init(&small, cap);
        check(!refused_encode(&small, &why, 0) && small.len == 0, "cap %zu", cap);
        buf_release(&small);
    }
    buf_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(without_its_kind_or_cut_it_is_none),
        cmocka_unit_test(what_does_not_fit_is_not_begun),
    };
    return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
