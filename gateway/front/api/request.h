/* request.h - reads the JSON body of POST /api/v1/execute into a job, and reports every mistake.
 *
 * Applies the settings' defaults and limits. Pure: bytes in, a job or field errors out. Knows
 * neither h2o nor the connection to the broker.
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
/* Most JSON values of a request, as json.h counts them. A thousand tests have about 40 each. */
#define REQUEST_VALUES_MAX 65536
/* The kernel's limit for one argument or one NAME=VALUE, including its NUL (MAX_ARG_STRLEN). */
#define REQUEST_STRING_MAX_BYTES ((size_t)128 << 10)
/* Cap of args and env together. The kernel's limit is a quarter of the stack limit of 8 MiB, and
 * includes pointers. We allow half of it; the other half is left for strings that the program adds
 * when it executes other programs. */
#define REQUEST_STRINGS_MAX_BYTES ((size_t)1 << 20) /* args and env together */

/* When Python flushes stdout. */
enum buffering {
    BUFFERING_AUTO,  /* BUFFERING_LINE if a client watches the output, else BUFFERING_BLOCK */
    BUFFERING_LINE,  /* at each newline, as on a terminal */
    BUFFERING_BLOCK, /* when some KiB have accumulated, as into a pipe */
};

struct request_file {
    struct bytes path, content; /* borrowed from the document or `decoded` */
    bool is_decoded;            /* the content was base64 */
};

/* The input files, which are written before the program starts. */
struct request_files {
    struct request_file *list; /* owned; NULL: none */
    size_t count;
    struct buf decoded;
    size_t decoding,
        decoded_before; /* the file that is decoded now; the length of `decoded` before it */
};

struct request_test;

/* The tests of a request: one program, many inputs. A zeroed struct has none: the request is one
 * run. */
struct request_tests {
    struct request_test *list; /* owned */
    size_t count;
    bool stops_on_failure;
    uint32_t total_timeout_ms;
    enum excerpt_kind excerpt;
    const struct json *json; /* the JSON array of tests */
    size_t reading;          /* index of the test that is read next */
    size_t strings_bytes;    /* bytes of the request's own args and env */
    /* the name of a field that makes sense only with tests, and was given; else NULL */
    const char *only_name;
};

struct request {
    struct job job; /* its bytes are borrowed from the document */
    enum output_encoding output_encoding;
    enum buffering buffering;
    const struct json *args, *env; /* NULL: none */
    struct request_files files;
    const struct json *outputs; /* NULL: none */
    struct request_tests tests;
    bool is_alone;         /* "isolation" demands a container for this run only */
    struct json *document; /* owned */
    /* For a run in a session, or the opening of a session. Borrowed from the object that has
     * prepared the request. */
    struct session *session; /* NULL: the run is in no session */
    struct bytes env_fields; /* whole fields of a RUN payload, in place of `env` */
    struct bytes removed_path;
    struct bytes glob; /* in place of `outputs` */
};

/* A test: what it adds to the request. Its bytes are borrowed like the request's. */
struct request_test {
    struct request request; /* only args, env, files and stdin are used */
    bool has_stdin;
    struct bytes name, stdout_text; /* data is NULL if it was not given */
    struct request_files expected_files;
    struct comparer comparer;
    bool is_read; /* its fields were read; its files may not be decoded yet */
};

enum request_result {
    REQUEST_MORE,       /* call request_read again */
    REQUEST_OK,         /* *request is set; call request_release */
    REQUEST_NO_JSON,    /* not JSON; err says where */
    REQUEST_BAD_FIELDS, /* errors lists the mistakes */
    REQUEST_NO_MEMORY,  /* an allocation failed; the request may be valid */
    REQUEST_OTHER       /* the body asks for no run; the decoder has noted what it asks for */
};

/* Read a whole body. The request does not borrow it. Sets *request only on REQUEST_OK. `err` must
 * not be NULL. */
enum request_result request_parse(const struct config *config, struct bytes body,
                                  struct request *request, struct field_errors *errors,
                                  struct error *err);
void request_release(struct request *request);

/* Fill in the defaults of a request that does not come from JSON. Its source is still empty, so it
 * cannot run yet. */
void request_init(struct request *request, const struct config *config);

/* Replace BUFFERING_AUTO by LINE or BLOCK. It becomes LINE if the client receives events while the
 * program runs. It also becomes LINE if stderr is merged into stdout, to keep the order of the two
 * streams. */
void request_decide_buffering(struct request *request, bool takes_events);

/* The parts of a request's RUN payload, in the order of writing. Args and stdin are last, because a
 * test can replace them. */
enum request_list {
    REQUEST_LIST_JOB,
    REQUEST_LIST_ENV,
    REQUEST_LIST_FILES,
    REQUEST_LIST_OUTPUTS,
    REQUEST_LIST_ARGS,
    REQUEST_LIST_STDIN,
    REQUEST_LISTS_COUNT,
};

/* How far request_write has come. A zeroed cursor is at the beginning. */
struct request_cursor {
    size_t list_at[REQUEST_LISTS_COUNT]; /* where each list begins in out, once it has begun */
    unsigned list;                       /* the list that is being written: an enum request_list */
    size_t index;                        /* the next element of the list */
    size_t position;                     /* in env, for json_next */
    struct bytes rest;                   /* the unwritten part of the current large value */
    bool is_at_end;
};

/* Append fields of the RUN payload, about `most_bytes`. Call this until is_at_end. Returns false
 * when they do not fit into out, which is then unusable. */
bool request_write(struct buf *out, const struct request *request, struct request_cursor *cursor,
                   size_t most_bytes);

#endif
