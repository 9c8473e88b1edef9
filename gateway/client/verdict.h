/* verdict.h - what the gateway says of tests, as lines for people and as an exit code.
 *
 * Pure. The gateway is not trusted: each member is checked for its type, and text is escaped for a
 * terminal.
 */
#ifndef MAYFLY_VERDICT_H
#define MAYFLY_VERDICT_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

#define EXIT_NOT_PASSED 1 /* some test has not passed */

/* Is this result that of a program with tests? */
bool verdict_is_in(const struct json *result);
/* Append a line for one test. Fails with ERR_PROTOCOL when it is not a gateway's, or ERR_SYSTEM. */
bool verdict_put_test(struct buf *out, const struct json *test, struct error *err);
/* Append a line for all of them, and set the exit code. Fails as above. */
bool verdict_put_all(struct buf *out, const struct json *result, int *exit_code, struct error *err);

#endif
