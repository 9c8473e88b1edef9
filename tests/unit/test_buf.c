#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/buf.h"

static void appends_nothing_to_an_empty_buffer(void **state)
{
    (void)state;
    struct buf buf = {.max_bytes = 10};
    assert_true(buf_append(&buf, NULL, 0));
    assert_true(buf_append_string(&buf, ""));
    assert_true(buf_printf(&buf, "%s", ""));
    assert_int_equal(buf_bytes(&buf).len, 0);
    buf_release(&buf);
}

static void refuses_whole_what_the_cap_forbids(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 12; cap++) {
        struct buf buf;
        buf_init(&buf, cap);
        bool whole = buf_append_string(&buf, "0123456789");
        assert_int_equal(whole, cap >= 10);
        assert_int_equal(buf.len, whole ? 10 : 0);
        bool printed = buf_printf(&buf, "%d", 42);
        assert_int_equal(printed, cap - (whole ? 10 : 0) >= 2);
        assert_true(buf.len <= cap);
        assert_int_equal(buf.max_bytes, cap);
        assert_null(buf_reserve(&buf, cap + 1));
        assert_null(buf_reserve(&buf, SIZE_MAX));
        buf_release(&buf);
    }
}

static void printf_fills_the_cap_to_the_last_byte(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    assert_true(buf_printf(&buf, "%05d", 7));
    assert_true(holds(&buf, "00007"));
    assert_false(buf_printf(&buf, "x"));
    assert_true(holds(&buf, "00007"));
    buf_release(&buf);
}

static void consumes_and_truncates(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    assert_true(buf_append_string(&buf, "abcdef"));
    buf_consume(&buf, 2);
    assert_true(holds(&buf, "cdef"));
    buf_truncate(&buf, 9);
    assert_true(holds(&buf, "cdef"));
    buf_truncate(&buf, 3);
    assert_true(holds(&buf, "cde"));
    assert_true(buf_append_string(&buf, "XY"));
    assert_true(holds(&buf, "cdeXY"));
    buf_consume(&buf, 99);
    assert_int_equal(buf.len, 0);
    assert_true(buf_append_string(&buf, "z"));
    assert_true(holds(&buf, "z"));
    buf_release(&buf);
}

/* A buffer used as a queue keeps its content and its limit, however often its start moves
 * around. */
static void queues_within_the_cap_for_ever(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 64);
    uint8_t in = 0, out = 0;
    srandom(1);
    for (int turn = 0; turn < 20000; turn++) {
        size_t want = (size_t)random() % 70;
        uint8_t *room = buf_reserve(&buf, want);
        assert_int_equal(room != NULL || want == 0, buf.len + want <= 64 || want == 0);
        for (size_t i = 0; room && i < want; i++)
            room[i] = in++;
        if (room)
            buf_commit(&buf, want);
        size_t take = (size_t)random() % 70;
        if (take > buf.len)
            take = buf.len;
        for (size_t i = 0; i < take; i++)
            assert_int_equal(buf_bytes(&buf).data[i], out++);
        buf_consume(&buf, take);
        assert_true(buf.capacity <= 64);
    }
    buf_release(&buf);
}

static void reads_and_writes_descriptors(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct buf from, to;
    buf_init(&from, 100);
    buf_init(&to, 4);
    assert_int_equal(buf_write_fd(&from, ends[1]), 0);
    assert_true(buf_append_string(&from, "abcdef"));
    assert_int_equal(buf_write_fd(&from, ends[1]), 6);
    assert_int_equal(from.len, 0);
    assert_int_equal(buf_read_fd(&to, ends[0], 3), 3);
    assert_int_equal(buf_read_fd(&to, ends[0], 100), 1);
    assert_true(holds(&to, "abcd"));
    errno = 0;
    assert_int_equal(buf_read_fd(&to, ends[0], 100), -1);
    assert_int_equal(errno, ENOBUFS);
    close(ends[1]);
    buf_consume(&to, 4);
    assert_int_equal(buf_read_fd(&to, ends[0], 100), 2);
    buf_consume(&to, 2);
    assert_int_equal(buf_read_fd(&to, ends[0], 100), 0);
    close(ends[0]);
    buf_release(&from);
    buf_release(&to);
}

static void takes_the_bytes_out(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    assert_true(buf_append_string(&buf, "abc"));
    struct buf taken = buf_take(&buf);
    assert_true(holds(&taken, "abc"));
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.max_bytes, 100);
    assert_true(buf_append_string(&buf, "d"));
    assert_true(holds(&taken, "abc"));
    buf_release(&taken);
    buf_release(&buf);
    buf_release(&buf);
    assert_true(buf_append_string(&buf, "usable again"));
    buf_release(&buf);
}

static void splits_without_a_second_copy_of_what_is_large(void **state)
{
    (void)state;
    static const size_t lens[] = {0, 1, 5, 6, 9, 10};
    for (size_t i = 0; i < COUNT(lens); i++) {
        struct buf buf, head;
        buf_init(&buf, 100);
        assert_true(buf_append_string(&buf, "__0123456789"));
        buf_consume(&buf, 2);
        const uint8_t *storage = buf.data;
        assert_true(buf_split(&buf, lens[i], &head));
        check(head.len == lens[i] && buf.len == 10 - lens[i], "at %zu", lens[i]);
        check(head.len == 0 || memcmp(buf_bytes(&head).data, "0123456789", head.len) == 0, "at %zu",
              lens[i]);
        check(buf.len == 0 || memcmp(buf_bytes(&buf).data, &"0123456789"[lens[i]], buf.len) == 0,
              "at %zu", lens[i]);
        check((buf.data == storage) == (lens[i] <= 5), "the larger part moves: at %zu", lens[i]);
        assert_int_equal(buf.max_bytes, 100);
        assert_true(head.capacity <= 256 && head.max_bytes == lens[i]);
        buf_release(&buf);
        buf_release(&head);
    }
}

static void trims_what_a_large_content_has_left(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5000);
    assert_non_null(buf_reserve(&buf, 4000));
    buf_commit(&buf, 4000);
    buf_consume(&buf, 3997);
    memcpy(buf.data + buf.start, "abc", 3);
    buf_trim(&buf);
    assert_true(holds(&buf, "abc"));
    assert_int_equal(buf.capacity, 3);
    assert_true(buf_append_string(&buf, "d"));
    buf_consume(&buf, 4);
    buf_trim(&buf);
    assert_int_equal(buf.capacity, 0);
}

static void copies_both_ends_of_what_is_too_long(void **state)
{
    (void)state;
    char to[16];
    bytes_copy_ends(to, sizeof to, bytes_of_string("just fits here."));
    assert_string_equal(to, "just fits here.");
    bytes_copy_ends(to, sizeof to, bytes_of_string("failed: in the end: why"));
    assert_string_equal(to, "fai ... nd: why");
    bytes_copy_ends(to, 4, bytes_of_string("too short for a gap"));
    assert_string_equal(to, "too");
}

static void compares_views_with_strings(void **state)
{
    (void)state;
    assert_true(bytes_equal_string(bytes_of(NULL, 0), ""));
    assert_false(bytes_equal_string(bytes_of(NULL, 0), "a"));
    assert_true(bytes_equal_string(bytes_of_string("abc"), "abc"));
    assert_false(bytes_equal_string(bytes_of("abc\0", 4), "abc"));
    assert_false(bytes_equal_string(bytes_of("abd", 3), "abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_nothing_to_an_empty_buffer),
        cmocka_unit_test(refuses_whole_what_the_cap_forbids),
        cmocka_unit_test(printf_fills_the_cap_to_the_last_byte),
        cmocka_unit_test(consumes_and_truncates),
        cmocka_unit_test(queues_within_the_cap_for_ever),
        cmocka_unit_test(reads_and_writes_descriptors),
        cmocka_unit_test(takes_the_bytes_out),
        cmocka_unit_test(splits_without_a_second_copy_of_what_is_large),
        cmocka_unit_test(trims_what_a_large_content_has_left),
        cmocka_unit_test(copies_both_ends_of_what_is_too_long),
        cmocka_unit_test(compares_views_with_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
