/* number.h - the one place where text becomes a number, and how numbers with a unit are written. */
#ifndef MAYFLY_NUMBER_H
#define MAYFLY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only, the whole of text[0..len): no sign, no space, no overflow. False leaves
 * *number untouched. */
bool number_parse_uint(const char *text, size_t len, uint64_t *number);
/* Digits with at most one '.' and up to 3 decimals, in thousandths: "1.5" is 1500. */
bool number_parse_millis(const char *text, size_t len, uint64_t *millis);
/* Digits, with KiB, MiB, GiB or TiB behind them or nothing. */
bool number_parse_bytes(const char *text, size_t len, uint64_t *bytes);

/* Write thousandths as people do: 30000 is "30", 1500 is "1.5". Returns text. */
#define NUMBER_MILLIS_BYTES 24
const char *number_format_millis(char text[NUMBER_MILLIS_BYTES], uint64_t millis);
/* Split a size for printing. Returns what to write before *unit, the largest unit that it is a
 * whole number of. */
uint64_t number_in_unit(uint64_t bytes, const char **unit);

#endif
