/* exchange_private.h - the members of an exchange. Private to front/http. */
#ifndef MAYFLY_EXCHANGE_PRIVATE_H
#define MAYFLY_EXCHANGE_PRIVATE_H

#include "common/job.h"
#include "front/http/core.h"
#include "front/http/exchange_state.h"
#include "front/http/exchange_view.h"
#include "front/http/reader.h"
#include "front/http/source.h"
#include "front/http/trace.h"

struct exchange {
    struct http *http;
    struct connection *connection;
    h2o_req_t *req; /* owned by h2o, and freed together with this exchange */
    uint64_t began_ns;
    enum exchange_state state; /* only exchange_move changes it */
    struct watch hang_up;      /* watched while the handler has the exchange */
    void (*on_gone)(void *arg);
    void *gone_arg;
    void (*on_evicted)(void *arg); /* NULL: the body is not kept */
    void *evicted_arg;
    const char *route, *verdict;
    char key[JOB_OWNER_NAME_MAX + 1]; /* the name of the request's key, or "" */
    struct trace trace;
    struct path_parameters parameters;
    uint64_t run_id;
    h2o_generator_t generator;
    struct buf body;
    struct reader reader;        /* the client as the reader of the answer, once that has begun */
    const struct source *source; /* NULL: the answer is not in pieces, or has not begun */
    void *source_arg;
    struct node ready;        /* on http->ready while the source can be asked for bytes */
    const char *content_type; /* for an answer in pieces */
};

/* The handler that h2o calls for each request. */
int exchange_on_request(h2o_handler_t *handler, h2o_req_t *req);

/* Ask the sources that may have bytes, for at most a short time. Call it once in each turn. */
void exchanges_pump(struct http *http);

/* Returns the descriptor of the exchange's connection. */
int exchange_fd(const struct exchange *exchange);

#endif
