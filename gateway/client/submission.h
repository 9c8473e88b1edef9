/* submission.h - the body of a request, from the options and the files that they name.
 *
 * What JSON strings cannot hold exactly (a program, stdin or arguments that are not UTF-8) is an
 * error, never changed on the way; files travel as base64 where they must.
 */
#ifndef MAYFLY_SUBMISSION_H
#define MAYFLY_SUBMISSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SUBMISSION_MAX_BYTES ((size_t)64 << 20) /* more than any gateway can be set to take */

#define SUBMISSION_PROGRAM_PATH "main.py" /* in its folder */

/* How many inputs there may be, the key among them. */
size_t submission_inputs_most(const struct options *options);

/* Append the JSON, and add what it is made of to inputs. Blocks while standard input, where it is
 * read, has not ended. Fails with ERR_INVALID or ERR_SYSTEM, naming the file; out is then
 * unchanged. */
bool submission_write(struct buf *out, const struct options *options, struct inputs *inputs,
                      struct error *err);

/* Append the key that the file holds: one line of visible ASCII characters; add the file to inputs.
 * Fails as above. */
bool submission_read_key(struct buf *out, const char *path, struct inputs *inputs,
                         struct error *err);

#endif
