/* variable.h - the environment variables that the interpreter or the C library reads at its start.
 * A process that runs already cannot obey them. Header only, since the boxes' template uses it. */
#ifndef MAYFLY_VARIABLE_H
#define MAYFLY_VARIABLE_H

#include <string.h>

#include "common/buf.h"

/* Returns true if the variable with this name is read at the start. */
static inline bool variable_is_read_at_start(struct bytes name)
{
    static const char *const prefixes[] = {"PYTHON", "LC_",      "LD_",   "MALLOC_",
                                           "GLIBC_", "OPENSSL_", "GCONV_"};
    static const char *const names[] = {"LANG",    "LANGUAGE", "LOCPATH", "NLSPATH",
                                        "CHARSET", "HOME",     "TZ",      "TZDIR"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t len = strlen(prefixes[i]);
        if (name.len >= len && memcmp(name.data, prefixes[i], len) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_equal_string(name, names[i]))
            return true;
    }
    return false;
}

#endif
