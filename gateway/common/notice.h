/* notice.h - a line for the person at the terminal: "mayfly: ..." and a newline.
 *
 * The line may quote a gateway that is not trusted. So it is made valid UTF-8 without control
 * characters: bad bytes become U+FFFD, control characters become '?'.
 */
#ifndef MAYFLY_NOTICE_H
#define MAYFLY_NOTICE_H

#include "common/buf.h"

#define NOTICE_MAX_BYTES 1024

/* Append the line, cut at NOTICE_MAX_BYTES. If it does not fit out's cap, it is dropped
 * silently. */
void notice_add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write the line to stderr at once. */
void notice_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
