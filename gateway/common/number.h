/* number.h - the one place where text becomes a number. */
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

/* The same backwards: what to write before the largest unit that it is a whole number of. */
uint64_t number_in_unit(uint64_t bytes, const char **unit);

#endif
