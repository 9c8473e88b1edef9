/* verdict.h - prints the gateway's report about tests as lines for people, and derives an exit
 * code.
 *
 * Pure. The gateway is not trusted: the type of each member is checked, and text is escaped for the
 * terminal.
 */
#ifndef MAYFLY_VERDICT_H
#define MAYFLY_VERDICT_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

#define EXIT_NOT_PASSED 1 /* at least one test did not pass */

/* Returns true if this result is that of a program with tests. */
bool verdict_is_in(const struct json *result);
/* Append a line about one test. Fails with ERR_PROTOCOL when it does not have the form of a
 * gateway's report, or ERR_SYSTEM. */
bool verdict_put_test(struct buf *out, const struct json *test, struct error *err);
/* Append a line that sums up all tests, and set the exit code. Fails like verdict_put_test. */
bool verdict_put_all(struct buf *out, const struct json *result, int *exit_code, struct error *err);

#endif
