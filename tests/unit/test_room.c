#include "unit.h"

#include "broker/pool/room.h"

static struct room room;

static int set_up(void **state)
{
    (void)state;
    room = (struct room){.waiting_bytes = 0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    room_release(&room);
    return 0;
}

static void hold(const char *name, int runs, uint64_t bytes)
{
    while (runs--)
        assert_non_null(room_take(&room, name, bytes));
}

/* The owner who loses a run when each of these holds this much. "" means nobody: the newcomer is
 * refused. */
static void the_largest_gives_way_to_who_would_hold_less(void **state)
{
    static const struct {
        const char *what;
        struct {
            const char *name;
            int runs;
            uint64_t bytes; /* of each */
        } holders[3];
        enum room_kind kind;
        const char *newcomer;
        uint64_t wanted;
        const char *giver;
    } rows[] = {
        {"nobody holds anything", {{0}}, ROOM_RUNS, "a", 1, ""},
        {"one owner's own crowd", {{"a", 9, 1}}, ROOM_RUNS, "a", 1, ""},
        {"a newcomer", {{"a", 9, 1}}, ROOM_RUNS, "b", 1, "a"},
        {"the larger of two", {{"a", 3, 1}, {"b", 4, 1}}, ROOM_RUNS, "c", 1, "b"},
        {"as much as the largest", {{"a", 2, 1}, {"b", 1, 1}}, ROOM_RUNS, "b", 1, ""},
        {"less than the largest", {{"a", 3, 1}, {"b", 1, 1}}, ROOM_RUNS, "b", 1, "a"},
        {"one run each", {{"a", 1, 1}, {"b", 1, 1}}, ROOM_RUNS, "c", 1, ""},
        {"by bytes, not by runs", {{"a", 9, 1}, {"b", 1, 50}}, ROOM_BYTES, "c", 10, "b"},
        {"by runs, not by bytes", {{"a", 9, 1}, {"b", 1, 50}}, ROOM_RUNS, "c", 1, "a"},
        {"the newcomer wants most", {{"a", 9, 1}, {"b", 1, 50}}, ROOM_BYTES, "c", 50, ""},
        {"what it holds counts", {{"a", 9, 5}, {"b", 1, 50}}, ROOM_BYTES, "a", 5, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        set_up(state);
        for (size_t h = 0; h < COUNT(rows[i].holders) && rows[i].holders[h].name; h++)
            hold(rows[i].holders[h].name, rows[i].holders[h].runs, rows[i].holders[h].bytes);
        const struct room_owner *giver =
            room_giver(&room, rows[i].kind, rows[i].newcomer, rows[i].wanted);
        check(strcmp(giver ? giver->name : "", rows[i].giver) == 0, "%s", rows[i].what);
        tear_down(state);
    }
}

static void bytes_are_counted_from_first_to_last(void **state)
{
    (void)state;
    struct room_owner *holder = room_take(&room, "a", 10);
    assert_ptr_equal(room_take(&room, "a", 5), holder);
    room_leave(&room, holder, 10);
    assert_int_equal(room_bytes(&room), 15);
    assert_int_equal(holder->held[ROOM_BYTES], 5); /* bytes that are being sent cannot be freed */
    room_give_back(&room, holder, 5);
    assert_ptr_equal(room_find(&room, "a"), holder);
    room_arrive(&room, holder, 10);
    assert_null(room_find(&room, "a"));
    assert_int_equal(room_bytes(&room), 0);
}

int main(void)
{
#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(the_largest_gives_way_to_who_would_hold_less),
        test(bytes_are_counted_from_first_to_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
