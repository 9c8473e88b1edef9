/* warning.h - decides which warnings of an engine matter when it creates a container.
 *
 * A warning often says that a limit was dropped. Such a box must not be used. Newer engines also
 * warn about other things. So this file lists the texts that are harmless; every other warning
 * counts.
 */
#ifndef MAYFLY_WARNING_H
#define MAYFLY_WARNING_H

#include "common/json.h"

/* Returns true if one of the warnings is not known to be harmless, and copies the first such
 * warning to text, cut to size. A value that is neither an array, null nor missing counts, too. So
 * does an element that is not a string. */
bool warning_counts(const struct json *warnings, char *text, size_t size);

#endif
