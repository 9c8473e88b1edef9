/* repl.h - the role `repl`: a prompt at which cells are typed and run in a session.
 *
 * A session that the repl has made ends with the repl, unless --keep was given. A session that
 * existed before does not end.
 */
#ifndef MAYFLY_REPL_H
#define MAYFLY_REPL_H

/* Execute the words after "mayfly repl"; NULL-terminated, changed in place. Returns the exit code
 * of the process. */
int repl_main(char **words);

#endif
