/* glob.h - a pattern of paths: "*.csv", "plots/[a-f]?.png", "**".
 *
 *   *        any characters of one segment, or none; a leading dot is like any character
 *   ?        one character
 *   [a-z_]   one of these characters; [!a-z_] any other; a "]" right after the "[" is a character
 *   **       as a whole segment: any number of directories, or none; as the last, all below
 *
 * Any other character matches itself, a backslash too ("[*]" matches an asterisk). A glob is itself
 * a path (path.h). Characters are those of UTF-8. In a text that is not UTF-8, each byte that
 * cannot continue the previous one is a character.
 *
 * Pure, without recursion. The time is at most proportional to the product of the two lengths.
 */
#ifndef MAYFLY_GLOB_H
#define MAYFLY_GLOB_H

#include "common/path.h"

/* The characters that do not match themselves alone; in brackets they do. */
#define GLOB_SPECIAL "*?["

/* Returns the fault of a glob, as path_fault does for a path. */
const char *glob_fault(struct bytes glob);

/* Returns true if the glob names the path. */
bool glob_matches(struct bytes glob, struct bytes path);

/* Returns false only if no path below the directory can match. True means "perhaps". */
bool glob_reaches(struct bytes glob, struct bytes directory);

#endif
