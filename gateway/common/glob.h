/* glob.h - a pattern that selects paths: "*.csv", "plots/[a-f]?.png", "**".
 *
 *   *        any characters within a segment, or none; a leading dot is not special
 *   ?        one character
 *   [a-z_]   one of these characters; [!a-z_] any other; a "]" right after the "[" is a character
 *   **       as a whole segment: any number of directories, or none; at the end, everything below
 *
 * Any other character matches itself, even a backslash ("[*]" matches an asterisk). A glob must
 * itself be a valid path (path.h). Characters are UTF-8; in invalid UTF-8, each stray byte counts
 * as a character.
 *
 * Pure, not recursive. Takes time proportional at most to the product of both lengths.
 */
#ifndef MAYFLY_GLOB_H
#define MAYFLY_GLOB_H

#include "common/path.h"

/* The characters with a special meaning outside of brackets. */
#define GLOB_SPECIAL "*?["

/* Returns what is wrong with a glob, or NULL, as path_fault does for a path. */
const char *glob_fault(struct bytes glob);

/* Returns true if the glob matches the path. */
bool glob_matches(struct bytes glob, struct bytes path);

/* Returns false only if no path below the directory can match. True means "perhaps". */
bool glob_reaches(struct bytes glob, struct bytes directory);

#endif
