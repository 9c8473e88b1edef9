/* client.h - the role `run`: a program sent to a gateway, its streams, files and exit code brought
 * back, as if it had run here.
 *
 * Stands outside of the gateway: knows its HTTP API only, and shares with front and broker nothing
 * but common.
 */
#ifndef MAYFLY_CLIENT_H
#define MAYFLY_CLIENT_H

/* Do what the words after "mayfly run" say; NULL-terminated, changed in place. Returns the exit
 * code of the process. */
int client_main(char **words);

#endif
