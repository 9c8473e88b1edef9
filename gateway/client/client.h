/* client.h - the role `run`, and the command `session run`. They run code on a gateway, and give
 * the user its streams, files and exit code as if it had run here.
 *
 * It only uses the gateway's HTTP API. Shares no code with front and broker except common/.
 */
#ifndef MAYFLY_CLIENT_H
#define MAYFLY_CLIENT_H

/* Execute the words after "mayfly run", NULL-terminated and changed in place. Returns the exit code
 * of the process. */
int client_main(char **words);

/* Execute the words after "mayfly session run" in the same way. */
int client_run_in_session(char **words);

#endif
