/* request.h - reads the JSON of POST /api/v1/execute into a job, and names every mistake.
 *
 * Applies policy: defaults, ranges and maximums come from config. Pure: bytes in, a job or field
 * errors out; knows neither h2o nor the wire's socket.
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
/* As json.h counts values. No valid request has a third of that. */
#define REQUEST_VALUES_MAX 16384
/* The kernel's limit for one argument, or one NAME=VALUE, with its NUL (MAX_ARG_STRLEN). */
#define REQUEST_STRING_MAX_BYTES ((size_t)128 << 10)
/* The kernel's limit for all of them, with a pointer for each, is a quarter of the stack limit of 8
 * MiB. The program keeps the other half of that for strings that it adds itself. */
#define REQUEST_STRINGS_MAX_BYTES ((size_t)1 << 20) /* args and env together */

/* When Python flushes its output. */
enum buffering {
    BUFFERING_AUTO,  /* by lines if somebody watches, else by blocks */
    BUFFERING_LINE,  /* at each newline, as on a terminal */
    BUFFERING_BLOCK, /* once some KiB have accumulated, as into a pipe */
};

struct request_file {
    struct bytes path, content; /* borrowed from the document or `decoded` */
    bool is_decoded;            /* the content was base64 */
};

/* The files that are written before the program starts. */
struct request_files {
    struct request_file *list; /* owned; NULL: none */
    size_t count;
    struct buf decoded;
    size_t decoding,
        decoded_before; /* the file that is decoded now; the length of `decoded` before it */
};

struct request {
    struct job job; /* its bytes are borrowed from the document */
    enum output_encoding output_encoding;
    enum buffering buffering;
    const struct json *args, *env; /* NULL: none */
    struct request_files files;
    const struct json *outputs; /* NULL: none */
    struct json *document;      /* owned */
};

enum request_result {
    REQUEST_MORE,       /* call request_read again */
    REQUEST_OK,         /* the request is filled: request_release it */
    REQUEST_NO_JSON,    /* err says where */
    REQUEST_BAD_FIELDS, /* errors says which */
    REQUEST_NO_MEMORY,  /* an allocation failed; the request may be valid */
    REQUEST_OTHER       /* the body asks for no run: the decoder has noted what it asks for */
};

/* Read a body, which the request does not need afterwards. Sets `request` on REQUEST_OK only. `err`
 * must not be NULL. */
enum request_result request_parse(const struct config *config, struct bytes body,
                                  struct request *request, struct field_errors *errors,
                                  struct error *err);
void request_release(struct request *request);

/* ---- the same, a part of the body at a time ---- */

struct request_reader;
struct reading;

/* Reads the document of a dialect. Fills reading->request, which has the defaults, by
 * request_read_object, and adds each mistake to reading->errors. Returns false when the document is
 * for no run; then the decoder has noted in arg what it asks for. Borrows the document for the
 * call. */
typedef bool request_decoder(void *arg, struct reading *reading, const struct json *document);

/* Borrows body, and arg, until request_reader_free. decode NULL: the body is the API's own request.
 * NULL on no memory. */
struct request_reader *request_reader_new(struct bytes body, request_decoder *decode, void *arg);
/* Read about `most_bytes` more of the body. config may be another copy in each call, but must have
 * the same contents. The outputs are those of request_parse. */
enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err);
void request_reader_free(struct request_reader *reader); /* NULL is a no-op */

/* Read an object with the members of the API's own request, or with those of them that `names`,
 * which ends with NULL, has. The object NULL is an empty one. */
void request_read_object(struct reading *reading, const struct json *object,
                         const char *const *names);

/* ---- */

/* Decide what BUFFERING_AUTO means. It means lines if the client takes events as they come, or if
 * the streams are merged: their order would otherwise be lost. */
void request_decide_buffering(struct request *request, bool takes_events);

/* A writer's position in the request. Zero-initialised, it is at the beginning. */
struct request_cursor {
    unsigned list;     /* the list that is being written, in request_write's order */
    size_t index;      /* the next element */
    size_t position;   /* in env, for json_next */
    struct bytes rest; /* the rest of the current large value */
    bool is_at_end;
};

/* Append the fields of a RUN payload, about `most_bytes` of them. Call it again until is_at_end.
 * Returns false when they do not fit into out, which is then unusable. */
bool request_write(struct buf *out, const struct request *request, struct request_cursor *cursor,
                   size_t most_bytes);

#endif
