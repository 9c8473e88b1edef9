/* sessions.h - the role `session`: the commands that make, list, use and end sessions.
 *
 * client.h has `session run`.
 */
#ifndef MAYFLY_CLIENT_SESSIONS_H
#define MAYFLY_CLIENT_SESSIONS_H

/* Execute the words after "mayfly session"; NULL-terminated, changed in place. Returns the exit
 * code of the process. */
int sessions_main(char **words);

#endif
