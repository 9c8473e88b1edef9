/* life_reuse.h - makes a box ready for its owner's next run, or ends the box.
 *
 * A part of life.h: the steps before the first job that asks to keep its box, and the moves from
 * LEAVING back to WARMING. The principle is "clean or gone": the program's process is killed if it
 * still exists, and the run's files are removed. Then proofs compare the box with its state before
 * the first run (proof.h). A difference that remains after a short time ends the box.
 *
 * Each function may exit the process, as life.h describes.
 */
#ifndef MAYFLY_INIT_LIFE_REUSE_H
#define MAYFLY_INIT_LIFE_REUSE_H

#include "life.h"

/* Before the first job that keeps the box: turn the template into the zygote, take a first look at
 * the box, and fork the program's process. No-op if this was done before. Returns false if this box
 * cannot be kept; the job can still run. */
bool reuse_settle(struct life *life, const struct job *job);

/* In LEAVING, when END is written: move to RESETTING, and start. */
void reuse_begin(struct life *life);

/* In RESETTING: continue, after a process has died or the timer is due. */
void reuse_step(struct life *life);

#endif
