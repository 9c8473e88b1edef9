/* options_table.h - the options of all commands, a row each, with the functions that read values.
 *
 * options.c reads command lines and prints pages of help by this table. Pure, except for reading
 * the environment.
 */
#ifndef MAYFLY_OPTIONS_TABLE_H
#define MAYFLY_OPTIONS_TABLE_H

#include "client/options.h"

struct option {
    const char *name;
    const char *value; /* the value's name in the help text; NULL: the option takes no value */
    const char *help;  /* NULL: only the manual page describes it */
    uint32_t commands; /* the commands that have it: a bit for each options_command */
    /* Take the value, which is borrowed while the options are used. */
    bool (*take)(struct options *options, char *value, struct error *err);
    size_t text; /* without `take`: the offset of the member that gets the value */
};

/* Returns the command's option of this number, in the order of the help; NULL after the last. */
const struct option *option_at(size_t index, enum options_command command);

#endif
