/* error.h - an error: a kind and a sentence, passed by value.
 *
 * A function that can fail takes `struct error *err` as its last argument. On failure it sets *err
 * and returns false (or NULL), and all its other outputs are untouched. The caller may pass NULL
 * for err. The text may be sent to clients, so it never contains a path, a secret, or bytes of a
 * program.
 *
 * Knows neither HTTP nor Docker: front/http/problem maps a kind to a status code.
 */
#ifndef MAYFLY_ERROR_H
#define MAYFLY_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERR_NONE,
    ERR_INVALID, /* the client's request is wrong; the text says what and where */
    /* the queue is full, or the run waited too long in it; the client may retry later */
    ERR_BUSY,
    ERR_DRAINING, /* this gateway is stopping; the client may retry elsewhere or later */
    ERR_ENGINE,   /* the engine or the connection to it failed; the program did not run */
    ERR_GONE,     /* the other process, or the object asked for, no longer exists */
    ERR_TIMEOUT,  /* this process waited for something until its deadline */
    ERR_PROTOCOL, /* the other side of a connection sent something that it must not send */
    ERR_SYSTEM,   /* the operating system refused memory, descriptors or files */
    /* The next four are about sessions. */
    ERR_SESSION_BUSY,  /* another run of the session has not ended */
    ERR_SESSION_GONE,  /* the session has ended, or never existed */
    ERR_SESSION_TAKEN, /* a session of this name exists already */
    /* the limit of sessions is reached, the key's or the gateway's; the text says which */
    ERR_SESSION_LIMIT,
    ERROR_KINDS_COUNT, /* not a kind: the number of kinds */
};

/* Space for an engine's report of a failed OCI runtime, and for our own words around it. */
#define ERROR_TEXT_BYTES 640

struct error {
    enum error_kind kind;
    char text[ERROR_TEXT_BYTES];
};

/* Set *err (if err is not NULL) and return false. A text that is too long is cut. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Set *err to ERR_SYSTEM, "out of memory". Returns NULL, so that a constructor can return the
 * result. */
void *error_no_memory(struct error *err);

/* Put "context: " in front of err's text. Returns false. err may be NULL. A text that is too long
 * is cut in the middle, because the cause is at its end. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Set err to ERR_SYSTEM and the text, followed by ": " and strerror(errno). Returns false. */
bool error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the kind's name in lower case, such as "busy", for logs and metrics. Never NULL. */
const char *error_kind_name(enum error_kind kind);

#endif
