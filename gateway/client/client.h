/* client.h - the role `run`, and the command `session run`: they run code on a gateway as if it ran
 * here. They bring back streams, files and exit code.
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
