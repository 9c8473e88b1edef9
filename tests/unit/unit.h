/* unit.h - cmocka, with a check for tables of rows that names the failed row, and with faults that
 * abort.
 */
#ifndef MAYFLY_UNIT_H
#define MAYFLY_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fault.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fail the test with a printf-like message unless `condition` holds. */
#define check(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg(#condition ": " __VA_ARGS__);                                                 \
    } while (0)

/* Returns true if buf has exactly the bytes of a literal (inner NULs count, the last does not). */
#define holds(buf, literal)                                                                        \
    ((buf)->len == sizeof(literal) - 1 &&                                                          \
     memcmp(buf_bytes(buf).data ? (const char *)buf_bytes(buf).data : "", literal,                 \
            sizeof(literal) - 1) == 0)

/* A test of a release's behaviour defines UNIT_OWN_FAULT, and then this function in its own way. */
#ifndef UNIT_OWN_FAULT
void fault_found(void)
{
    abort();
}
#endif

#endif
