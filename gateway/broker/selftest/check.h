/* check.h - `mayfly check`: does this engine give the sandbox that we promise. For people, scripts
 * and CI.
 *
 * Looks at the engine, and for each runtime makes one box as the broker would, runs the self-test
 * in it, and removes it.
 */
#ifndef MAYFLY_CHECK_H
#define MAYFLY_CHECK_H

#include "common/config.h"

/* The role. words, NULL at the end: --runtime NAME, which may be repeated, looks at no other one;
 * --json prints the reports as JSON instead of tables; --print-create prints the JSON that a box of
 * the first is created with, and makes none; there is no other. Returns the exit code: 0 when all
 * holds, 1 when not, 2 for a NAME that is none, which it says. */
int check_main(const struct config *config, char **words);

#endif
