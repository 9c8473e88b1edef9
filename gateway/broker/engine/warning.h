/* warning.h - which of an engine's warnings at a create matter.
 *
 * A warning often says that a limit was dropped, and such a box must not be used. Newer engines
 * warn of other things too. So a few texts are known to be harmless, and any other counts.
 */
#ifndef MAYFLY_WARNING_H
#define MAYFLY_WARNING_H

#include "common/json.h"

/* Whether one of these warnings is not known to be harmless; the first such goes into text, cut to
 * size. No array, but null or nothing, counts too, as does what is no string in one. */
bool warning_counts(const struct json *warnings, char *text, size_t size);

#endif
