/* error.h - what went wrong: a kind and a sentence, carried by value.
 *
 * A function that can fail takes `struct error *err` as its last argument and returns false (or
 * NULL) after setting it; err may be NULL where the caller does not care. On failure all other
 * outputs are untouched. The text is for people and may be sent to clients: no path, no secret, no
 * byte of a program goes into it.
 *
 * Knows neither HTTP nor Docker: front/http/problem maps a kind to a status code.
 */
#ifndef MAYFLY_ERROR_H
#define MAYFLY_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERR_NONE,
    ERR_INVALID,  /* the client's request is wrong; the text says where */
    ERR_BUSY,     /* every place to wait is taken, or the wait's deadline passed; try later */
    ERR_DRAINING, /* this gateway is going away; try another or later */
    ERR_ENGINE,  /* the engine, or what stands between it and us, failed; the program did not run */
    ERR_GONE,    /* a peer or a thing that we talked to is no longer there */
    ERR_TIMEOUT, /* a wait of ours passed its deadline */
    ERR_PROTOCOL, /* a peer sent what it must not */
    ERR_SYSTEM,   /* the operating system refused: memory, descriptors, files */
};

/* Long enough for what an engine says of an OCI runtime's failure, and for our words around it. */
#define ERROR_TEXT_BYTES 640

struct error {
    enum error_kind kind;
    char text[ERROR_TEXT_BYTES];
};

/* Set err (if not NULL) and return false. Too long a text is cut. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of err's text on the way up; of too long a text the middle is left out,
 * for a cause stands at the end. Returns false. err may be NULL. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same as error_set with ERR_SYSTEM, ": " and strerror(errno) appended. Returns false. */
bool error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The kind's name in lower case, "busy" for ERR_BUSY; for logs and metrics. Never NULL. */
const char *error_kind_name(enum error_kind kind);

#endif
