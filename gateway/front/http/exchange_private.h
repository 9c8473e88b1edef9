/* exchange_private.h - the inside of an exchange. Private to http's files. */
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
    h2o_req_t *req; /* h2o's; freed together with this exchange */
    uint64_t began_ns;
    enum exchange_state state; /* only exchange_move changes it */
    struct watch hang_up;      /* on while the handler has it */
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
    struct reader reader;        /* of the answer, from its head on */
    const struct source *source; /* NULL: the answer is whole, or not begun */
    void *source_arg;
    struct node ready;        /* on http->ready: its source is to be asked */
    const char *content_type; /* of an answer in parts */
};

/* h2o's handler. */
int exchange_on_request(h2o_handler_t *handler, h2o_req_t *req);

/* Ask the sources that have something, for a while. Call it once in each turn of h2o. */
void exchanges_pump(struct http *http);

/* The descriptor of its connection. */
int exchange_fd(const struct exchange *exchange);

#endif
