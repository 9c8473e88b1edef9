/* signals.h - makes the signals that end a client readable from a file descriptor. */
#ifndef MAYFLY_SIGNALS_H
#define MAYFLY_SIGNALS_H

/* Block SIGINT, SIGTERM and SIGHUP, except those that are ignored, and ignore SIGPIPE, for the
 * life of the process. Returns a signalfd for the blocked signals, owned by the caller; -1 with
 * errno. */
int signals_open(void);

#endif
