/* submission.h - builds the body of a request from the options and the files that they name.
 *
 * Text that JSON strings cannot hold exactly (a program, stdin or arguments that are not UTF-8) is
 * an error, and never altered. Files travel as base64 where they must.
 */
#ifndef MAYFLY_SUBMISSION_H
#define MAYFLY_SUBMISSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SUBMISSION_MAX_BYTES ((size_t)64 << 20) /* no gateway can be set to accept more */

#define SUBMISSION_PROGRAM_PATH "main.py" /* the program's path in its folder */

/* Returns the greatest number of inputs, including the key. */
size_t submission_inputs_most(const struct options *options);

/* Append the JSON, and add its parts to inputs. Blocks until standard input has ended, where it is
 * read. Fails with ERR_INVALID or ERR_SYSTEM, naming the file; out is then unchanged. */
bool submission_write(struct buf *out, const struct options *options, struct inputs *inputs,
                      struct error *err);

/* Append the JSON of a cell with this code, for a session. Like submission_write, except that no
 * program is read. */
bool submission_write_cell(struct buf *out, const struct options *options, struct bytes code,
                           struct inputs *inputs, struct error *err);

/* Append the JSON that makes a session of this id; NULL: the gateway makes one. Fails like
 * submission_write. */
bool submission_write_session(struct buf *out, const struct options *options, const char *id,
                              struct inputs *inputs, struct error *err);

/* Append the key in the file, one line of visible ASCII characters, and add the file to inputs.
 * Fails like submission_write. */
bool submission_read_key(struct buf *out, const char *path, struct inputs *inputs,
                         struct error *err);

#endif
