/* notice.h - a line for the person at the terminal: "mayfly: ..." and an end of line.
 *
 * Whatever stands in it, also words of a gateway that is not to be trusted, is one line of valid
 * UTF-8 without control characters: bad bytes become U+FFFD, controls '?'.
 */
#ifndef MAYFLY_NOTICE_H
#define MAYFLY_NOTICE_H

#include "common/buf.h"

#define NOTICE_MAX_BYTES 1024

/* Append the line; what is over NOTICE_MAX_BYTES is cut. Where out's cap forbids, out is unchanged:
 * a notice is never worth a failure. */
void notice_add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write it to stderr at once. */
void notice_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
