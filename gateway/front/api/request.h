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
#include "front/runs/comparison.h"
#include "front/runs/excerpt.h"
#include "front/runs/sessions.h"

#define REQUEST_ARGS_MAX 256
#define REQUEST_ENV_MAX 256
#define REQUEST_FILES_MAX 256
#define REQUEST_OUTPUTS_MAX 64
/* No good request has more values, of json.h's count: a thousand tests have some 40 each. */
#define REQUEST_VALUES_MAX 65536
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

struct request_test;

/* One program, many inputs. A zeroed struct has none: the request is one run. */
struct request_tests {
    struct request_test *list; /* owned */
    size_t count;
    bool stops_on_failure;
    uint32_t total_timeout_ms;
    enum excerpt_kind excerpt;
    const struct json *json; /* the array */
    size_t reading;          /* the test whose turn it is */
    size_t strings_bytes;    /* of the request's own args and env */
    const char *only_name;   /* a field that was given, and makes sense with tests only */
};

struct request {
    struct job job; /* its bytes are borrowed from the document */
    enum output_encoding output_encoding;
    enum buffering buffering;
    const struct json *args, *env; /* NULL: none */
    struct request_files files;
    const struct json *outputs; /* NULL: none */
    struct request_tests tests;
    bool is_alone;         /* it is to have a container of its own */
    struct json *document; /* owned */
    /* In a session, and of one that is being opened; borrowed from the one who has prepared it. */
    struct session *session; /* NULL: in none */
    struct bytes env_fields; /* whole fields of a RUN payload, in place of `env` */
    struct bytes removed_path;
    struct bytes glob; /* in place of `outputs` */
};

/* A test's own fields. Its bytes are borrowed as the request's are. */
struct request_test {
    struct request request; /* args, env, files, stdin; nothing else of it is set */
    bool has_stdin;
    struct bytes name, stdout_text; /* data is NULL where there is none */
    struct request_files expected_files;
    struct comparer comparer;
    bool is_read; /* its files are still to be decoded */
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

/* Fill a request that does not come from JSON with the defaults, which do not run: job.source is
 * empty. */
void request_init(struct request *request, const struct config *config);

/* Decide what BUFFERING_AUTO means. It means lines if the client takes events as they come, or if
 * the streams are merged: their order would otherwise be lost. */
void request_decide_buffering(struct request *request, bool takes_events);

/* The parts of a request's RUN payload, in order. Args and stdin are last: a test may replace
 * them. */
enum request_list {
    REQUEST_LIST_JOB,
    REQUEST_LIST_ENV,
    REQUEST_LIST_FILES,
    REQUEST_LIST_OUTPUTS,
    REQUEST_LIST_ARGS,
    REQUEST_LIST_STDIN,
    REQUEST_LISTS_COUNT,
};

/* A writer's position in the request. A zeroed cursor is at the beginning. */
struct request_cursor {
    size_t list_at[REQUEST_LISTS_COUNT]; /* where each list begins in out, once it is its turn */
    unsigned list;                       /* the one that is being written: an enum request_list */
    size_t index;                        /* the next element */
    size_t position;                     /* in env, for json_next */
    struct bytes rest;                   /* the rest of the current large value */
    bool is_at_end;
};

/* Append the fields of a RUN payload, about `most_bytes` of them. Call it again until is_at_end.
 * Returns false when they do not fit into out, which is then unusable. */
bool request_write(struct buf *out, const struct request *request, struct request_cursor *cursor,
                   size_t most_bytes);

#endif
