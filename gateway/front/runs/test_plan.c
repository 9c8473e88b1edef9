#include "front/runs/test_plan.h"

#include <stdlib.h>

#include "common/wire.h"

static size_t case_bytes(const struct test_case *test)
{
    return test->fields.capacity + test->memory.capacity + test->files_count * sizeof *test->files;
}

size_t test_plan_forget(struct test_plan *plan, size_t index)
{
    struct test_case *test = &plan->cases[index];
    size_t bytes = case_bytes(test);
    buf_release(&test->fields);
    buf_release(&test->memory);
    free(test->files);
    *test = (struct test_case){.files = NULL};
    return bytes;
}

void test_plan_release(struct test_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        test_plan_forget(plan, i);
    free(plan->cases);
    buf_release(&plan->common);
    *plan = (struct test_plan){.cases = NULL};
}

size_t test_plan_bytes(const struct test_plan *plan)
{
    size_t bytes = plan->common.capacity + plan->count * sizeof *plan->cases;
    for (size_t i = 0; i < plan->count; i++)
        bytes += case_bytes(&plan->cases[i]);
    return bytes;
}

static bool put_fields(struct buf *out, const struct buf *fields, size_t from, size_t to)
{
    return from == to || buf_append(out, buf_bytes(fields).data + from, to - from);
}

bool test_plan_write(const struct test_plan *plan, size_t index, uint32_t timeout_ms,
                     uint32_t queue_timeout_ms, struct buf *frame)
{
    const struct test_case *test = &plan->cases[index];
    const struct buf *common = &plan->common;
    size_t mark, bytes = common->len + test->fields.len + WIRE_HEADER_BYTES + 64;
    buf_init(frame, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    /* If a field occurs twice, the last one counts. */
    bool is_whole =
        buf_reserve(frame, bytes) && wire_begin(frame, WIRE_RUN, 0, &mark) &&
        wire_finish(
            frame, mark,
            put_fields(frame, common, 0, plan->args_at) &&
                (test->has_args || put_fields(frame, common, plan->args_at, plan->stdin_at)) &&
                (test->has_stdin || put_fields(frame, common, plan->stdin_at, common->len)) &&
                put_fields(frame, &test->fields, 0, test->fields.len) &&
                wire_put_u64(frame, WIRE_TAG_TIMEOUT_MS, timeout_ms) &&
                wire_put_u64(frame, WIRE_TAG_QUEUE_TIMEOUT_MS, queue_timeout_ms));
    if (!is_whole)
        buf_release(frame);
    return is_whole;
}
