/* notice.h - a line for the person at the terminal: "mayfly: ..." and a newline.
 *
 * It is one line of valid UTF-8 without control characters, even when it quotes a gateway that is
 * not trusted. Bad bytes become U+FFFD, controls become '?'.
 */
#ifndef MAYFLY_NOTICE_H
#define MAYFLY_NOTICE_H

#include "common/buf.h"

#define NOTICE_MAX_BYTES 1024

/* Append the line, cut at NOTICE_MAX_BYTES. Where out's cap forbids it, out is unchanged: a lost
 * notice is no failure. */
void notice_add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write the line to stderr at once. */
void notice_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
