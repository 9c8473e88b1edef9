/* warning.h - decides which warnings of an engine at a create matter.
 *
 * A warning often says that a limit was dropped, and such a box must not be used. Newer engines
 * warn of other things too. So a few texts are listed as harmless, and every other warning counts.
 */
#ifndef MAYFLY_WARNING_H
#define MAYFLY_WARNING_H

#include "common/json.h"

/* Is one of these warnings not known to be harmless? The first such warning is copied to text, cut
 * to size. A value that is neither an array, null nor absent counts too, as does an element that is
 * no string. */
bool warning_counts(const struct json *warnings, char *text, size_t size);

#endif
