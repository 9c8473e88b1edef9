/* error.h - an error: a kind and a sentence, carried by value.
 *
 * A function that can fail takes `struct error *err` as its last argument. On failure it sets err
 * and returns false (or NULL). err may be NULL where the caller does not need it. On failure all
 * other outputs are untouched. The text is for people and may be sent to clients. It never holds a
 * path, a secret, or a byte of a program.
 *
 * Knows neither HTTP nor Docker: front/http/problem maps a kind to a status code.
 */
#ifndef MAYFLY_ERROR_H
#define MAYFLY_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERR_NONE,
    ERR_INVALID,  /* the client's request is wrong; the text says where */
    ERR_BUSY,     /* the queue is full, or the run waited too long in it; try later */
    ERR_DRAINING, /* this gateway is stopping; try another one, or later */
    ERR_ENGINE,   /* the engine, or the connection to it, failed; the program did not run */
    ERR_GONE,     /* a peer or an object no longer exists */
    ERR_TIMEOUT,  /* a wait of this process passed its deadline */
    ERR_PROTOCOL, /* a peer sent something that it must not */
    ERR_SYSTEM,   /* the operating system refused memory, descriptors or files */
    /* of sessions: */
    ERR_SESSION_BUSY,  /* another run of it has not ended */
    ERR_SESSION_GONE,  /* it has ended, or never was */
    ERR_SESSION_TAKEN, /* one of this name is there already */
    ERR_SESSION_LIMIT, /* there are as many as there may be; the text says whose limit it is */
    ERROR_KINDS_COUNT, /* no kind: their number */
};

/* Long enough for an engine's report of an OCI runtime's failure, with our words around it. */
#define ERROR_TEXT_BYTES 640

struct error {
    enum error_kind kind;
    char text[ERROR_TEXT_BYTES];
};

/* Set err (if not NULL) and return false. Cuts a text that is too long. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Set err to ERR_SYSTEM, "out of memory". Returns NULL, for a function that makes something. */
void *error_no_memory(struct error *err);

/* Put "context: " in front of err's text, on the way up. Returns false. err may be NULL. A text
 * that is too long loses its middle, since the cause is at its end. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Set err to ERR_SYSTEM and the text, followed by ": " and strerror(errno). Returns false. */
bool error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the kind's name in lower case, "busy" for ERR_BUSY; for logs and metrics. Never NULL. */
const char *error_kind_name(enum error_kind kind);

#endif
