#include "life_ending.h"

#include <stdlib.h>

#include "common/clock.h"

/* A program that writes a little at a time is read at this interval. So each frame through shim and
 * engine carries more than a few bytes. Large writes, the last, and the first after a pause are
 * never held back. */
#define PUMP_INTERVAL_NS (2 * NS_PER_MS)
#define SMALL_BYTES 4096

static void leave(struct life *life)
{
    life->phase = PHASE_LEAVING;
    life_arm_timer(life, LEAVE_MS);
}

/* A job whose files cannot be written was not started: STARTED was never sent. */
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

/* Displays come after the outputs that were written before them. */
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

/* Returns a fault of the run, for which the box is given up without a look; NULL: there is none. */
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
    const char *fault = life->is_asked ? find_fault(life) : NULL;
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

/* Send the rest of the program's streams before the search. */
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
    if (!output_is_drained(&life->out) || !output_is_drained(&life->err) ||
        !displays_are_drained(&life->displays))
        return;
    life->outcome = (struct outcome){.out = life->out.count, .err = life->err.count};
    program_judge(&life->program, &life->cgroup, &life->outcome);
    box_look_for_room(&life->box, &life->outcome.inodes_limit, &life->outcome.room_bytes);
    if (harvest_is_wanted(&life->harvest))
        begin_harvest(life);
    else
        send_end(life);
}

/* The program has ended, or must end now. */
void ending_begin(struct life *life)
{
    life_hear_template(life);
    if (life->phase == PHASE_LEAVING)
        return;
    life->keeps = life->keeps && life->program.ended && life->program.cut == CUT_NONE &&
                  program_end_alone(&life->program, &life->cgroup);
    if (!life->keeps)
        program_kill_all(&life->program);
    life->phase = PHASE_DRAINING;
    life_arm_timer(life, LEAVE_MS);
    ending_drain(life);
}

/* After its farewell the program is stopped, not killed. No death is awaited, and the kernel tears
 * the process down only after END was sent. But a stopped program can have arranged to be
 * continued. So it is killed before files are read, or when the pipes are not empty at the first
 * read. A farewell promises that everything was written. */
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

/* A stopped program is killed when END takes long to be sent, or when it was continued. */
void ending_watch_the_stopped(struct life *life)
{
    bool is_slow = life->phase == PHASE_LEAVING && life->up.pending.len > 0;
    if (life->program.is_stopped && (is_slow || program_is_continued(&life->program))) {
        life->keeps = false;
        program_kill(&life->program);
    }
}
