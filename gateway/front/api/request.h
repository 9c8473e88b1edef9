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
/* No good request has a third as many values, of json.h's count. */
#define REQUEST_VALUES_MAX 16384
/* The kernel's bound on one argument, or one NAME=VALUE, with its NUL (MAX_ARG_STRLEN). */
#define REQUEST_STRING_MAX_BYTES ((size_t)128 << 10)
/* The kernel's bound on all of them, with a pointer each, is a quarter of the stack's limit of 8
 * MiB: the program has the other half for its own. */
#define REQUEST_STRINGS_MAX_BYTES                                                                  \
    ((size_t)1 << 20) /* args and env together, as the program will hold them */

/* The time at which Python passes on what is printed. */
enum buffering {
    BUFFERING_AUTO,  /* by lines where somebody watches, else by blocks */
    BUFFERING_LINE,  /* at each newline, as on a terminal */
    BUFFERING_BLOCK, /* once some KiB have accumulated, as into a pipe */
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
    size_t decoding, decoded_before; /* the file whose turn it is; what `decoded` held before it */
};

struct request {
    struct job job; /* its bytes are lent by the document */
    enum output_encoding output_encoding;
    enum buffering buffering;
    const struct json *args, *env; /* NULL: none */
    struct request_files files;
    const struct json *outputs; /* NULL: none */
    struct json *document;      /* owned */
};

enum request_result {
    REQUEST_MORE,       /* request_read again */
    REQUEST_OK,         /* the request is filled: request_release it */
    REQUEST_NO_JSON,    /* err says where */
    REQUEST_BAD_FIELDS, /* errors says which */
    REQUEST_OTHER       /* the body asks for something else than a run: the decoder has taken it */
};

/* Read a body, which the request does not need any more then. `request` is set on REQUEST_OK only.
 */
enum request_result request_parse(const struct config *config, struct bytes body,
                                  struct request *request, struct field_errors *errors,
                                  struct error *err);
void request_release(struct request *request);

/* ---- the same, a part of the body at a time ---- */

struct request_reader;
struct reading;

/* Reads the document of a dialect: fills reading->request, which has the defaults, by
 * request_read_object; names what is wrong in reading->errors. False: the document is no request
 * for a run, and the decoder has noted in arg what it asks for. The document is lent for the call.
 */
typedef bool request_decoder(void *arg, struct reading *reading, const struct json *document);

/* Lends body, and arg, until request_reader_free. decode NULL: the body is the API's own request.
 * NULL on no memory. */
struct request_reader *request_reader_new(struct bytes body, request_decoder *decode, void *arg);
/* Read some `most_bytes` more of it. config may be another copy in each call, but with the same
 * contents. The outputs as request_parse's. */
enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err);
void request_reader_free(struct request_reader *reader); /* NULL is a no-op */

/* Read an object with the members of the API's own request, or with those of them that `names`,
 * which ends with NULL, has. The object NULL is an empty one. */
void request_read_object(struct reading *reading, const struct json *object,
                         const char *const *names);

/* ---- */

/* Settle what BUFFERING_AUTO means: lines where the client takes events as they come, or where both
 * streams are one, whose order would else be lost. */
void request_decide_buffering(struct request *request, bool takes_events);

/* A writer's position in the request. Zero-initialised is at the beginning. */
struct request_cursor {
    unsigned list;     /* which of them is written, in request_write's order */
    size_t index;      /* the element to come */
    size_t position;   /* in env, json_next's */
    struct bytes rest; /* of the large value at hand */
    bool is_at_end;
};

/* Append the fields of a RUN payload, or some `most_bytes` of them: again until is_at_end. False
 * when out's cap forbids; out is then of no use. */
bool request_write(struct buf *out, const struct request *request, struct request_cursor *cursor,
                   size_t most_bytes);

#endif
