#include "unit.h"

#include "broker/pool/plan.h"

/* A pool with much room and no boxes. Each row changes some of the numbers. */
#define FREE .max_boxes = 16, .max_starting = 2, .may_start = true
#define ROOM FREE, .refill = PLAN_REFILL_IDLE
#define NONE UINT64_MAX

static const struct {
    const char *what;
    struct plan_pool pool;
    struct plan_shelf shelves[3];
    enum plan_action action;
    size_t index;
} rows[] = {
    {"nothing asked, nothing kept", {ROOM}, {{0}}, PLAN_NOTHING, 0},
    {"an empty warm shelf is filled", {ROOM}, {{.warm = 2}}, PLAN_START, 0},
    {"a full one is left", {ROOM, .boxes = 2}, {{.warm = 2, .ready = 2}}, PLAN_NOTHING, 0},
    {"what is coming counts",
     {ROOM, .boxes = 2, .starting = 1},
     {{.warm = 2, .ready = 1, .coming = 1}},
     PLAN_NOTHING,
     0},
    {"what those who wait will take does not count",
     {ROOM, .boxes = 1, .starting = 1},
     {{.warm = 1, .waiting = 1, .coming = 1, .first_rank = NONE}},
     PLAN_START,
     0},
    {"the emptiest shelf first",
     {ROOM},
     {{.warm = 2, .ready = 1}, {.warm = 3, .ready = 1}, {.warm = 1}},
     PLAN_START,
     1},
    {"who waits comes before any refill",
     {ROOM},
     {{.warm = 4}, {.waiting = 1, .first_rank = 9}},
     PLAN_START,
     1},
    {"who waits longest comes first, whatever the shelf",
     {ROOM},
     {{.waiting = 3, .first_rank = 7},
      {.waiting = 1, .first_rank = 5},
      {.waiting = 1, .first_rank = 6}},
     PLAN_START,
     1},
    {"a run for which a box is coming needs no other",
     {ROOM, .starting = 1, .boxes = 1},
     {{.waiting = 1, .coming = 1, .first_rank = NONE}},
     PLAN_NOTHING,
     0},
    {"starts are bounded",
     {ROOM, .starting = 2, .boxes = 2},
     {{.waiting = 5, .coming = 2, .first_rank = 3}},
     PLAN_NOTHING,
     0},
    {"not in back-off",
     {.max_boxes = 16, .max_starting = 2, .refill = PLAN_REFILL_ANY},
     {{.waiting = 1, .first_rank = 1, .warm = 2}},
     PLAN_NOTHING,
     0},
    {"draining: no refill",
     {.max_boxes = 16, .max_starting = 2, .may_start = true},
     {{.warm = 2}},
     PLAN_NOTHING,
     0},
    {"draining: who waits is still served",
     {.max_boxes = 16, .max_starting = 2, .may_start = true},
     {{.warm = 0, .waiting = 1, .first_rank = 1}},
     PLAN_START,
     0},
    {"every slot taken: no refill", {ROOM, .boxes = 16}, {{.warm = 2}}, PLAN_NOTHING, 0},
    {"every slot taken: the fullest shelf gives one up",
     {ROOM, .boxes = 16},
     {{.warm = 9, .ready = 2}, {.warm = 9, .ready = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_EVICT,
     1},
    {"but a slot that is being freed is waited for",
     {ROOM, .boxes = 16, .removing = 1},
     {{.warm = 9, .ready = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_NOTHING,
     0},
    {"every slot taken by runs: wait",
     {ROOM, .boxes = 16},
     {{.waiting = 1, .first_rank = 1}},
     PLAN_NOTHING,
     0},
    {"runs on every core: no refill", {ROOM, .running = 2}, {{.warm = 4}}, PLAN_NOTHING, 0},
    {"a run and a start on every core",
     {ROOM, .running = 1, .starting = 1},
     {{.warm = 4}},
     PLAN_NOTHING,
     0},
    {"a run beside an idle core", {ROOM, .running = 1}, {{.warm = 4, .ready = 3}}, PLAN_START, 0},
    {"a run that waits needs no idle core",
     {ROOM, .running = 2},
     {{.warm = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_START,
     1},
    {"few boxes left: one is made beside the runs",
     {FREE, .refill = PLAN_REFILL_LOW, .running = 9},
     {{.warm = 4, .ready = 1}},
     PLAN_START,
     0},
    {"but one at a time",
     {FREE, .refill = PLAN_REFILL_LOW, .running = 9, .starting = 1},
     {{.warm = 4, .coming = 1}},
     PLAN_NOTHING,
     0},
    {"enough boxes left: none is made beside the runs",
     {FREE, .refill = PLAN_REFILL_LOW, .running = 9},
     {{.warm = 8, .ready = 2}},
     PLAN_NOTHING,
     0},
    {"the shelf with few left, though another misses more",
     {FREE, .refill = PLAN_REFILL_LOW, .running = 9},
     {{.warm = 8, .ready = 2}, {.warm = 2, .ready = 1}},
     PLAN_START,
     1},
    {"runs that last: one is made all the same",
     {FREE, .refill = PLAN_REFILL_ANY, .running = 9},
     {{.warm = 8, .ready = 4}},
     PLAN_START,
     0},
    {"one at a time, too",
     {FREE, .refill = PLAN_REFILL_ANY, .running = 9, .starting = 1},
     {{.warm = 8, .ready = 4}},
     PLAN_NOTHING,
     0},
    {"no box is evicted for a refill that no core is idle for",
     {ROOM, .boxes = 16, .kept = 8, .running = 2},
     {{.warm = 4}},
     PLAN_NOTHING,
     0},
    {"a shelf that is to keep none gives its boxes up",
     {ROOM, .boxes = 1},
     {{.ready = 1}},
     PLAN_EVICT,
     0},
    {"a kept box is evicted before any fresh one",
     {ROOM, .boxes = 16, .kept = 1},
     {{.warm = 9, .ready = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_EVICT_KEPT,
     0},
    {"and one in reset that is for nobody",
     {ROOM, .boxes = 16, .resetting = 1},
     {{.warm = 9, .ready = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_EVICT_KEPT,
     0},
    {"with room left, kept boxes stay",
     {ROOM, .boxes = 15, .kept = 9},
     {{.waiting = 1, .first_rank = 1}},
     PLAN_START,
     0},
    {"one for each run: its slot is being freed",
     {ROOM, .boxes = 16, .kept = 1, .removing = 1},
     {{.waiting = 1, .first_rank = 1}},
     PLAN_NOTHING,
     0},
    {"a slot is freed ahead of the start that will need it",
     {ROOM, .boxes = 16, .kept = 1, .starting = 2},
     {{.waiting = 1, .first_rank = 1}},
     PLAN_EVICT_KEPT,
     0},
    {"but no fresh box is given up for a start that cannot be",
     {ROOM, .boxes = 16, .starting = 2},
     {{.warm = 9, .ready = 4}, {.waiting = 1, .first_rank = 1}},
     PLAN_NOTHING,
     0},
    {"in back-off nothing is evicted for a start",
     {.boxes = 16, .max_boxes = 16, .max_starting = 2, .refill = PLAN_REFILL_ANY, .kept = 1},
     {{.waiting = 1, .first_rank = 1}},
     PLAN_NOTHING,
     0},
    {"kept boxes leave room for the warm ones of all",
     {ROOM, .boxes = 16, .kept = 8},
     {{.warm = 4, .ready = 3}},
     PLAN_EVICT_KEPT,
     0},
    {"but one in reset is not evicted for those",
     {ROOM, .boxes = 16, .resetting = 8},
     {{.warm = 4, .ready = 3}},
     PLAN_NOTHING,
     0},
    {"nor a kept one while draining",
     {.max_boxes = 16, .max_starting = 2, .may_start = true, .boxes = 16, .kept = 8},
     {{.warm = 4}},
     PLAN_NOTHING,
     0},
    {"also in back-off", {.boxes = 1, .max_boxes = 16}, {{.warm = 1}, {.ready = 1}}, PLAN_EVICT, 1},
};

static void decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t index = 99;
        enum plan_action action =
            plan_next(&rows[i].pool, rows[i].shelves, COUNT(rows[i].shelves), &index);
        check(action == rows[i].action, "%s: action %d", rows[i].what, (int)action);
        check(action == PLAN_NOTHING || action == PLAN_EVICT_KEPT || index == rows[i].index,
              "%s: shelf %zu", rows[i].what, index);
    }
}

/* A run of rank 9 has a kept box of its owner. The table lists when it may use that box, and when
 * the box's slot is needed for other runs. */
static void a_kept_box_passes_nobody_who_waits_for_its_slot(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct plan_pool pool;
        uint32_t ahead;
        bool may;
    } cases[] = {
        {"nobody waits", {ROOM, .boxes = 16}, 0, true},
        {"one waits, and every slot is taken", {ROOM, .boxes = 16}, 1, false},
        {"one waits, and a slot is free", {ROOM, .boxes = 15}, 1, true},
        {"one waits, and a slot is being freed", {ROOM, .boxes = 16, .removing = 1}, 1, true},
        {"two wait, and one slot is being freed", {ROOM, .boxes = 16, .removing = 1}, 2, false},
        {"nothing can be started", {.boxes = 16, .max_boxes = 16}, 7, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(plan_may_reuse(&cases[i].pool, cases[i].ahead) == cases[i].may, "%s", cases[i].what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides),
        cmocka_unit_test(a_kept_box_passes_nobody_who_waits_for_its_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
