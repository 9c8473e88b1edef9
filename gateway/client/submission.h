/* submission.h - builds the JSON body of a request from the options and the files that they name.
 *
 * A program, stdin or arguments that are not UTF-8 are an error, because JSON strings cannot hold
 * them unchanged. Other files that are not UTF-8 are sent as base64.
 */
#ifndef MAYFLY_SUBMISSION_H
#define MAYFLY_SUBMISSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SUBMISSION_MAX_BYTES ((size_t)64 << 20) /* a gateway cannot be configured to accept more */

#define SUBMISSION_PROGRAM_PATH "main.py" /* the path of the program in its folder */

/* Returns the largest possible number of inputs, including the key's file. */
size_t submission_inputs_most(const struct options *options);

/* Append the JSON, and record the files that were read in *inputs. If standard input is read,
 * blocks until it ends. Fails with ERR_INVALID or ERR_SYSTEM, naming the file; out is then
 * unchanged. */
bool submission_write(struct buf *out, const struct options *options, struct inputs *inputs,
                      struct error *err);

/* Append the JSON of a cell with this code, for a session. Reads files and fails like
 * submission_write, but reads no program. */
bool submission_write_cell(struct buf *out, const struct options *options, struct bytes code,
                           struct inputs *inputs, struct error *err);

/* Append the JSON that makes a session with this id. If id is NULL, the gateway chooses it. Fails
 * like submission_write. */
bool submission_write_session(struct buf *out, const struct options *options, const char *id,
                              struct inputs *inputs, struct error *err);

/* Append the key from the file, which must be one line of visible ASCII characters, and record the
 * file in *inputs. Fails like submission_write. */
bool submission_read_key(struct buf *out, const char *path, struct inputs *inputs,
                         struct error *err);

#endif
