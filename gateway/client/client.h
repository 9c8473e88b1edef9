/* client.h - the command `mayfly run`: runs a program on a gateway as if it ran here, and brings
 * its output, files and exit code back.
 *
 * It only uses the gateway's HTTP API. Shares no code with front and broker except common/.
 */
#ifndef MAYFLY_CLIENT_H
#define MAYFLY_CLIENT_H

/* Run with the words after "mayfly run", NULL-terminated and changed in place. Returns the exit
 * code of the process. */
int client_main(char **words);

#endif
