/* life_ending.h - ends a run: drains the pipes, sends the files, gives the verdict, and sends END.
 *
 * Part of a life: its moves from RUNNING to LEAVING, for every reason to end. Each may exit as
 * life.h says.
 */
#ifndef MAYFLY_INIT_LIFE_ENDING_H
#define MAYFLY_INIT_LIFE_ENDING_H

#include "life.h"

/* Read the program's output, as far as upstream has space. Displays come after the outputs that
 * were written before them. */
void ending_pump_outputs(struct life *life);
void ending_pump_displays(struct life *life);

/* Move to DRAINING, and further as far as possible: the program has ended, or must end now. */
void ending_begin(struct life *life);
/* Do the same for a program that has sent its farewell. */
void ending_after_farewell(struct life *life);
/* In DRAINING: move on once everything was read. */
void ending_drain(struct life *life);
/* In HARVESTING: send as much as there is space for, and move on when done. */
void ending_send_files(struct life *life);
/* Refuse a job that was not started, and move to LEAVING. */
void ending_refuse(struct life *life, struct error *why);

/* Call after a turn of the loop. Kills a stopped program that has been continued, or when END takes
 * too long. */
void ending_watch_the_stopped(struct life *life);

#endif
