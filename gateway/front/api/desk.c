#include "front/api/desk.h"

#include <stdlib.h>

#include "common/wire.h"

struct desk *desk_take(struct desk **spare)
{
    struct desk *desk = *spare ? *spare : calloc(1, sizeof *desk);
    *spare = NULL;
    if (!desk)
        return NULL;
    desk->reader = NULL;
    desk->request = (struct request){.document = NULL};
    desk->cursor = (struct request_cursor){.is_at_end = false};
    desk->plan = (struct test_plan){.cases = NULL};
    desk->tests_cursor = (struct request_tests_cursor){.is_at_end = false};
    buf_init(&desk->frame, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    desk->is_other = false;
    desk->run_id = 0;
    desk->problem.status = 0;
    desk->why.kind = ERR_NONE;
    desk->errors.count = desk->errors.dropped_count = 0; /* not its entries, which are ten KiB */
    return desk;
}

void desk_leave(struct desk *desk, struct desk **spare)
{
    if (!desk)
        return;
    request_reader_free(desk->reader);
    request_release(&desk->request);
    buf_release(&desk->frame);
    test_plan_release(&desk->plan);
    if (*spare)
        free(desk);
    else
        *spare = desk;
}
