/* rendered.h - produces the whole text of a rendering, in portions as the gateway does. */
#ifndef MAYFLY_RENDERED_H
#define MAYFLY_RENDERED_H

#include "unit.h"

#include "front/runs/rendering.h"

/* Returns the text in a buffer, which the caller must release. Checks the length that was counted
 * before. */
static struct buf rendered(struct rendering rendering)
{
    struct buf whole, portion;
    uint64_t length = 0;
    struct rendering counting = rendering;
    buf_init(&whole, SIZE_MAX / 2);
    buf_init(&portion, RENDERING_MAX_BYTES);
    while (!rendering_is_finished(&counting))
        assert_true(rendering_measure(&counting, &portion, &length));
    while (!rendering_is_finished(&rendering)) {
        assert_true(rendering_write(&rendering, &portion));
        assert_true(buf_append(&whole, portion.data, portion.len));
        buf_truncate(&portion, 0);
    }
    assert_int_equal(length, whole.len);
    buf_release(&portion);
    return whole;
}

#endif
