/* life_start.h - starts a run: takes the job, writes its files, and hands it to the template.
 *
 * Part of a life: its move from READY to RUNNING. Each may exit as life.h says.
 */
#ifndef MAYFLY_INIT_LIFE_START_H
#define MAYFLY_INIT_LIFE_START_H

#include "life.h"

/* In READY: take the job of a RUN frame. Borrows the frame. */
void start_take_job(struct life *life, const struct frame *frame);

/* Wait until the template is warm, if need be. Fails with ERR_INVALID when it has died because
 * memory ran out. */
bool start_fetch_template(struct life *life, struct error *err);

/* Take the program's pipes from the template, for this job. */
void start_take_pipes(struct life *life, const struct job *job);

/* The template has ended without a job: report what it said, and exit. */
_Noreturn void start_lose_template(const struct life *life);

#endif
