#include "life_ending.h"

#include <stdlib.h>

#include "common/clock.h"
#include "life_session.h"

/* The output of a program that writes little at a time is read at this interval, so that a frame
 * carries more than a few bytes. Large output, the last output, and output after a pause are not
 * delayed. */
#define PUMP_INTERVAL_NS (2 * NS_PER_MS)
#define SMALL_BYTES 4096

static void leave(struct life *life)
{
    life->phase = PHASE_LEAVING;
    life_arm_timer(life, LEAVE_MS);
}

/* Refuse the job. STARTED was not sent, so the client can be told that the program did not run. */
void ending_refuse(struct life *life, struct error *why)
{
    life->keeps = false;
    error_prefix(why, "the program did not run");
    if (!upstream_send_refusal(&life->up, life->run_id, why))
        life_abort(EXIT_RESOURCES, "no memory");
    program_kill_all(&life->program);
    leave(life);
}

void ending_pump_outputs(struct life *life)
{
    uint64_t before = life->out.count.total_bytes + life->err.count.total_bytes;
    if (!output_pump(&life->out, &life->up, life->run_id) ||
        !output_pump(&life->err, &life->up, life->run_id))
        life_abort(EXIT_RESOURCES, "no memory");
    uint64_t read_bytes = life->out.count.total_bytes + life->err.count.total_bytes - before;
    if (read_bytes < SMALL_BYTES)
        life->next_pump_ns = clock_now_ns() + PUMP_INTERVAL_NS;
}

/* Read outputs first, so that they precede displays that were written later. */
void ending_pump_displays(struct life *life)
{
    ending_pump_outputs(life);
    if (!displays_pump(&life->displays, &life->up, life->run_id))
        life_abort(EXIT_RESOURCES, "no memory");
}

static bool is_cut(const struct stream_count *count)
{
    return count->total_bytes > count->kept_bytes;
}

/* Returns why the box cannot be kept, as the word for GONE, without looking at the box; NULL if no
 * reason is known. */
static const char *find_fault(const struct life *life)
{
    if (life->outcome.verdict != VERDICT_EXITED)
        return "verdict";
    if (is_cut(&life->outcome.out) || is_cut(&life->outcome.err))
        return "output";
    if (!life->keeps)
        return life->zygote.pid ? "processes" : "zygote";
    return NULL;
}

static void send_end(struct life *life)
{
    bool may_differ = life->is_asked && !life->session.is_open;
    const char *fault = may_differ ? find_fault(life) : NULL;
    life->keeps = life->keeps && !fault;
    if (!upstream_send_outcome(&life->up, life->run_id, &life->outcome) ||
        (fault && !upstream_send_gone(&life->up, fault)))
        life_abort(EXIT_RESOURCES, "no memory");
    leave(life);
}

void ending_send_files(struct life *life)
{
    bool done;
    if (!harvest_send(&life->harvest, &life->up, life->run_id, &done))
        life_abort(EXIT_RESOURCES, "no memory");
    if (!done)
        return;
    life->outcome.left_out_count = harvest_left_out_count(&life->harvest);
    send_end(life);
}

/* Start sending files. The rest of the output goes out before the search, which takes a while. */
static void begin_harvest(struct life *life)
{
    if (!upstream_flush(&life->up))
        exit(EXIT_SUCCESS);
    life->phase = PHASE_HARVESTING;
    harvest_find(&life->harvest, life->box.dir);
    life_arm_timer(life, LEAVE_MS);
    ending_send_files(life);
}

void ending_drain(struct life *life)
{
    ending_pump_displays(life);
    bool is_drained = output_is_drained(&life->out) && output_is_drained(&life->err) &&
                      displays_are_drained(&life->displays);
    if (!is_drained && !session_is_drained(life))
        return;
    life->outcome = (struct outcome){.out = life->out.count, .err = life->err.count};
    program_judge(&life->program, &life->cgroup, &life->outcome);
    box_look_for_room(&life->box, &life->outcome.inodes_limit, &life->outcome.room_bytes);
    if (life->session.is_open)
        session_note(life);
    if (harvest_is_wanted(&life->harvest))
        begin_harvest(life);
    else
        send_end(life);
}

/* End the run: the program has ended, or is ended now. */
void ending_begin(struct life *life)
{
    life_hear_template(life);
    if (life->phase == PHASE_LEAVING)
        return;
    if (!life->session.is_open)
        life->keeps = life->keeps && life->program.ended && life->program.cut == CUT_NONE &&
                      program_end_alone(&life->program, &life->cgroup);
    if (!life->keeps || life->session.is_open)
        program_kill_all(&life->program);
    life->phase = PHASE_DRAINING;
    life_arm_timer(life, LEAVE_MS);
    ending_drain(life);
}

/* End the run after a farewell. The program is only stopped, not killed. So nobody waits for its
 * death, and its memory is freed after END was sent. But a stopped program can have arranged to be
 * continued, so kill it before files are read. Kill it too if the pipes are not empty after one
 * read, because a farewell promises that all output was written. */
void ending_after_farewell(struct life *life)
{
    life_hear_template(life);
    if (life->phase == PHASE_LEAVING)
        return;
    if (harvest_is_wanted(&life->harvest)) {
        ending_begin(life);
        return;
    }
    life->phase = PHASE_DRAINING;
    ending_drain(life);
    if (life->phase == PHASE_DRAINING)
        ending_begin(life);
}

/* Kill a stopped program if something has continued it, or if END cannot be sent quickly. */
void ending_watch_the_stopped(struct life *life)
{
    bool is_slow = life->phase == PHASE_LEAVING && life->up.pending.len > 0;
    if (life->program.is_stopped && (is_slow || program_is_continued(&life->program))) {
        life->keeps = false;
        program_kill(&life->program);
    }
}
