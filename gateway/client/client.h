/* client.h - the role `run`, and the command `session run`: they run code on a gateway as if it ran
 * here. They bring back streams, files and exit code.
 *
 * It is a client of the gateway: it knows the HTTP API only, and shares only common with front and
 * broker.
 */
#ifndef MAYFLY_CLIENT_H
#define MAYFLY_CLIENT_H

/* Execute the words after "mayfly run"; NULL-terminated, changed in place. Returns the exit code of
 * the process. */
int client_main(char **words);

/* The same for the words after "mayfly session run". */
int client_run_in_session(char **words);

#endif
