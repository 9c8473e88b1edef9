/* check.h - `mayfly check`: checks whether this engine provides the promised sandbox. For people,
 * scripts and CI.
 *
 * Checks the engine. Then, for each runtime, creates a box as the broker would, runs the self-test
 * in it, and removes it.
 */
#ifndef MAYFLY_CHECK_H
#define MAYFLY_CHECK_H

#include "common/config.h"

/* Run the role. `words` ends with NULL; the allowed words are: "--runtime NAME", once or several
 * times, to check only these runtimes; "--json" to print the reports as JSON instead of tables;
 * "--print-create" to print only the create JSON of a box of the first runtime. Returns the exit
 * code: 0 if everything holds, 1 if not, 2 (with a message) for an unknown NAME. */
int check_main(const struct config *config, char **words);

#endif
