/* timestamp.h - a moment of the wall clock as text: RFC 3339 in UTC with milliseconds, as in
 * "2026-11-30T22:04:24.123Z".
 *
 * Pure.
 */
#ifndef MAYFLY_TIMESTAMP_H
#define MAYFLY_TIMESTAMP_H

#include <stdint.h>

#define TIMESTAMP_BYTES 32

/* Write the milliseconds since 1970 (clock_wall_ms) as text. Returns text. */
const char *timestamp_format(char text[TIMESTAMP_BYTES], uint64_t wall_ms);

#endif
