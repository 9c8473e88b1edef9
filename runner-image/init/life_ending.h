/* life_ending.h - the way of a run from its last moments to END: pipes are drained, files are sent,
 * and the verdict is given.
 *
 * Part of a life: these are its moves from RUNNING to LEAVING, for every reason to end there is.
 * Each may exit as life.h has it.
 */
#ifndef MAYFLY_INIT_LIFE_ENDING_H
#define MAYFLY_INIT_LIFE_ENDING_H

#include "life.h"

/* Read what the program has written, as far as there is room; of the displays, after the outputs
 * that were written before them. */
void ending_pump_outputs(struct life *life);
void ending_pump_displays(struct life *life);

/* To DRAINING, and on as far as it goes: the program has ended, or must now. */
void ending_begin(struct life *life);
/* The same for a program that has said farewell. */
void ending_after_farewell(struct life *life);
/* DRAINING: see whether all has been read, and go on. */
void ending_drain(struct life *life);
/* HARVESTING: send what there is room for, and go on. */
void ending_send_files(struct life *life);
/* To LEAVING. A job that was not started is refused. */
void ending_refuse(struct life *life, struct error *why);

/* After a turn of the loop: a program that is only stopped is killed when it has been continued, or
 * when END takes its time. */
void ending_watch_the_stopped(struct life *life);

#endif
