/* check.h - `mayfly check`: does this engine give the sandbox that we promise? For people, scripts
 * and CI.
 *
 * Checks the engine. Then, for each runtime, it makes a box as the broker would, runs the self-test
 * in it, and removes it.
 */
#ifndef MAYFLY_CHECK_H
#define MAYFLY_CHECK_H

#include "common/config.h"

/* The role. `words` ends with NULL. --runtime NAME, which may be repeated, checks only these
 * runtimes. --json prints the reports as JSON instead of tables. --print-create only prints the
 * create JSON of a box of the first runtime. There are no other words. Returns the exit code: 0
 * when everything holds, 1 when not, 2 (with a message) for an unknown NAME. */
int check_main(const struct config *config, char **words);

#endif
