/* signals.h - the signals that end a client, as a descriptor for its loop. */
#ifndef MAYFLY_SIGNALS_H
#define MAYFLY_SIGNALS_H

/* Block SIGINT, SIGTERM and SIGHUP, unless they are ignored, and ignore SIGPIPE, for the life of
 * the process. Returns a signalfd of the former, owned by the caller; -1 with errno. */
int signals_open(void);

#endif
