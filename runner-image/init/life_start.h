/* life_start.h - starts a run: takes the job, writes its files, and hands the job to the template.
 *
 * A part of life.h: the move from READY to RUNNING. Each function may exit the process, as life.h
 * describes.
 */
#ifndef MAYFLY_INIT_LIFE_START_H
#define MAYFLY_INIT_LIFE_START_H

#include "life.h"

/* In READY: take the job of a RUN frame. Borrows the frame for the call. */
void start_take_job(struct life *life, const struct frame *frame);

/* Wait until the template is warm; no-op if it is. Fails with ERR_INVALID if the kernel has killed
 * the template because memory ran out. */
bool start_fetch_template(struct life *life, struct error *err);

/* Take the program's pipes from the template, with the caps of this job. */
void start_take_pipes(struct life *life, const struct job *job);

/* The template has ended before it got a job: print its stderr, and exit. */
_Noreturn void start_lose_template(const struct life *life);

#endif
