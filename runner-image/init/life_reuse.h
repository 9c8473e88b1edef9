/* life_reuse.h - makes a box ready for its owner's next run, or gives it up.
 *
 * Part of a life: its moves from READY, for a box's first job that keeps it, and from LEAVING back
 * to WARMING. "Clean or gone": a run's files and its last process are removed. Then proofs look for
 * everything else (proof.h), and the first difference ends the box.
 *
 * Each may exit as life.h says.
 */
#ifndef MAYFLY_INIT_LIFE_REUSE_H
#define MAYFLY_INIT_LIFE_REUSE_H

#include "life.h"

/* Before the first job that keeps the box: let the template stay, look at the box, and fork the
 * program. No-op if that was done. Returns false when this box cannot be kept; the job runs all the
 * same. */
bool reuse_settle(struct life *life, const struct job *job);

/* In LEAVING, once END is written: move to RESETTING, and on as far as possible. */
void reuse_begin(struct life *life);

/* In RESETTING: take the next steps, after a death or when it is time to try again. */
void reuse_step(struct life *life);

#endif
