/* number.h - parses all numbers that are given as text, and formats numbers with units. */
#ifndef MAYFLY_NUMBER_H
#define MAYFLY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse text[0..len), which must be only decimal digits: no sign, no space. Returns false on any
 * other byte or overflow, with *number untouched. */
bool number_parse_uint(const char *text, size_t len, uint64_t *number);
/* Parse digits with at most one '.' and up to 3 decimals. The result is in thousandths: "1.5" is
 * 1500. */
bool number_parse_millis(const char *text, size_t len, uint64_t *millis);
/* Parse digits, optionally followed by KiB, MiB, GiB or TiB. */
bool number_parse_bytes(const char *text, size_t len, uint64_t *bytes);

/* Parse a decimal number as programs print it: optional sign, digits with at most one '.', optional
 * exponent. Returns false with *number untouched for any other text, a number that is not finite,
 * or more than NUMBER_REAL_MAX_BYTES. */
#define NUMBER_REAL_MAX_BYTES 512
bool number_parse_real(const char *text, size_t len, double *number);

/* Write thousandths as a decimal number: 30000 is "30", 1500 is "1.5". Returns text. */
#define NUMBER_MILLIS_BYTES 24
const char *number_format_millis(char text[NUMBER_MILLIS_BYTES], uint64_t millis);
/* Split a size for printing: sets *unit to the largest unit that divides the size evenly, and
 * returns the size in that unit. */
uint64_t number_in_unit(uint64_t bytes, const char **unit);

#endif
