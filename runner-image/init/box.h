/* box.h - the files of a job, written below the box's directory.
 *
 * Paths come from the job and are not trusted: each component is opened by itself, links are
 * never followed, and nothing outside the directory can be named. Knows neither frames nor
 * processes.
 */
#ifndef MAYFLY_INIT_BOX_H
#define MAYFLY_INIT_BOX_H

#include "common/job.h"

/* Write the job's files below `dir`, then its source as main.py. Fails with ERR_INVALID (a path
 * that is not relative and plain, named in the text) or ERR_SYSTEM; what was written by then
 * stays. */
bool box_fill(const char *dir, const struct job *job, struct error *err);

/* Write one file at `path` below the open directory dir_fd, making directories on the way; an
 * existing file is replaced. Fails as box_fill. */
bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err);

#endif
