/* seen_box.h - a box on the scripted engine. Its events are counted. */
#ifndef MAYFLY_SEEN_BOX_H
#define MAYFLY_SEEN_BOX_H

#include "scripted_docker.h"

static struct {
    struct box box;
    unsigned ready, delivered, framed, left, gone;
    enum wire_type last_frame;
    struct box_leave leave;
} seen;

static void on_ready(void *arg, struct box *box)
{
    (void)arg;
    assert_ptr_equal(box, &seen.box);
    seen.ready++;
}

static void on_delivered(void *arg, struct box *box)
{
    (void)arg;
    assert_true(box_may_have_started(box));
    seen.delivered++;
}

static bool keeps; /* whether a box is reset after END */

static void on_framed(void *arg, struct box *box, const struct frame *frame)
{
    (void)arg;
    seen.framed++;
    if (keeps && frame->type == WIRE_END)
        box_reset(box);
    seen.last_frame = frame->type;
}

static void on_left(void *arg, struct box *box, const struct box_leave *leave)
{
    (void)arg;
    assert_int_equal(box->state, BOX_REMOVING);
    seen.left++;
    seen.leave = *leave;
}

static void on_gone(void *arg, struct box *box)
{
    (void)arg;
    (void)box;
    seen.gone++;
}

static const struct box_events events = {on_ready, on_delivered, on_framed, on_left, on_gone};
static const struct box_patience patience = {
    .call_ms = 1000, .start_ms = 3000, .age_ms = 60000, .idle_ms = 9000};

#endif
