/* glob.h - a pattern of paths: "*.csv", "plots/[a-f]?.png", "**".
 *
 *   *        any characters of one segment, or none; a leading dot is like any character
 *   ?        one character
 *   [a-z_]   one of these characters; [!a-z_] one that is not; a "]" at its begin is one of them
 *   **       as a whole segment: any number of directories, or none; as the last, all below
 *
 * Everything else stands for itself, a backslash too ("[*]" is an asterisk). A glob is itself a
 * path (path.h). Characters are UTF-8's; in a text that is not, each byte that cannot belong to
 * the one before it is a character.
 *
 * Pure, without recursion; the time is at most proportional to the product of the two lengths.
 */
#ifndef MAYFLY_GLOB_H
#define MAYFLY_GLOB_H

#include "common/path.h"

/* Returns the fault of a glob, as path_fault does of a path. */
const char *glob_fault(struct bytes glob);

/* Returns true if the glob names the path. */
bool glob_matches(struct bytes glob, struct bytes path);

/* May a path below the directory be one: false is certain. */
bool glob_reaches(struct bytes glob, struct bytes directory);

#endif
