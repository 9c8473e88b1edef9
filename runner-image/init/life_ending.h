/* life_ending.h - ends a run: reads the rest of the pipes, determines the outcome, sends output
 * files and END.
 *
 * A part of life.h: the moves from RUNNING to LEAVING, whatever the reason. Each function may exit
 * the process, as life.h describes.
 */
#ifndef MAYFLY_INIT_LIFE_ENDING_H
#define MAYFLY_INIT_LIFE_ENDING_H

#include "life.h"

/* Read the program's outputs and displays, and append them as frames while there is space. The
 * second function reads the outputs first, so that they precede later displays. */
void ending_pump_outputs(struct life *life);
void ending_pump_displays(struct life *life);

/* Move to DRAINING, and further if possible. The program has ended, or is killed now. */
void ending_begin(struct life *life);
/* Like ending_begin, for a program that has sent its farewell. */
void ending_after_farewell(struct life *life);
/* In DRAINING: read more. When everything was read, move to the next phase. */
void ending_drain(struct life *life);
/* In HARVESTING: append as much as there is space for. When all files are sent, move to LEAVING. */
void ending_send_files(struct life *life);
/* Refuse a job whose program was not started, and move to LEAVING. */
void ending_refuse(struct life *life, struct error *why);

/* Call this after each turn of the loop: kills a stopped program if something has continued it, or
 * if END is not sent quickly. */
void ending_watch_the_stopped(struct life *life);

#endif
