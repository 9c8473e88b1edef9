/* request.h - the JSON of POST /api/v1/execute, read into a job with every mistake named.
 *
 * Applies policy: defaults, ranges and maxima come from config. Pure: bytes in, job or complaints
 * out; knows neither h2o nor the wire's socket.
 */
#ifndef MAYFLY_REQUEST_H
#define MAYFLY_REQUEST_H

#include "common/config.h"
#include "common/json.h"
#include "front/http/problem.h"

#define REQUEST_ARGS_MAX 256
#define REQUEST_ENV_MAX 256
#define REQUEST_FILES_MAX 256
#define REQUEST_OUTPUTS_MAX 64
/* The kernel's bound on one argument, or one NAME=VALUE, with its NUL (MAX_ARG_STRLEN). */
#define REQUEST_STRING_MAX_BYTES ((size_t)128 << 10)
/* The kernel's bound on all of them, with a pointer each, is a quarter of the stack's limit of 8
 * MiB: the program has the other half for its own. */
#define REQUEST_STRINGS_MAX_BYTES                                                                  \
    ((size_t)1 << 20) /* args and env together, as the program will hold them */

/* When Python passes on what is printed. */
enum buffering {
    BUFFERING_AUTO,  /* by lines where somebody watches, else by blocks */
    BUFFERING_LINE,  /* at each newline, as on a terminal */
    BUFFERING_BLOCK, /* when some KiB have come together, as into a pipe */
};

struct request_file {
    struct bytes path, content; /* lent by the document, or by `decoded` */
    bool is_decoded;            /* the content was base64 */
};

/* The files that are laid out before the program starts. */
struct request_files {
    struct request_file *list; /* owned; NULL: none */
    size_t count;
    struct buf decoded;
};

struct request {
    struct job job; /* its bytes are lent by the document */
    enum output_encoding output_encoding;
    enum buffering buffering;
    const struct json *args, *env; /* NULL: none */
    struct request_files files;
    const struct json *outputs; /* NULL: none */
    struct json *document;      /* owned */
    size_t body_bytes;          /* of what it was read from */
};

enum request_result {
    REQUEST_OK,        /* *request is filled: request_release it */
    REQUEST_NO_JSON,   /* err says where */
    REQUEST_BAD_FIELDS /* errors says which */
};

/* Read a body. `request` is set on REQUEST_OK only. */
enum request_result request_parse(const struct config *config, struct bytes body,
                                  struct request *request, struct field_errors *errors,
                                  struct error *err);
void request_release(struct request *request);

/* Settle what BUFFERING_AUTO means: lines where the client takes events as they come, or where both
 * streams are one, whose order would else be lost. */
void request_settle_buffering(struct request *request, bool takes_events);

/* Append the fields of a RUN payload: a run_spec's write. False when out's cap forbids. */
bool request_write(struct buf *out, const void *request);

#endif
