/* intake.h - turns a POST request into an execution. All endpoints that run programs use it, so
 * that a mistake has the same text everywhere, and no box gets anything before the whole request is
 * valid.
 *
 * A large request takes tens of milliseconds to read, so it is read in steps:
 *
 *   taken -> DIGEST (of an Idempotency-Key's body) -> READ -> WRITE (the RUN frame) -> FREE -> END
 *                                                       \-- a mistake ------------------^
 *
 * A small request is read at once, if the turn of the loop has time left. All others are queued,
 * and a task spends a millisecond of each turn on them. It takes the small requests first, in
 * order; then one large request at a time. So only one large request is in memory both as text and
 * as values. If the client of a queued request hangs up, the request is dropped. If the gateway
 * stops, the request is still answered.
 */
#ifndef MAYFLY_INTAKE_H
#define MAYFLY_INTAKE_H

#include "front/api/call.h"
#include "front/api/request_reader.h"
#include "front/runs/execution.h"

/* Fill reading->request, which already has the defaults, from something other than JSON. Adds each
 * mistake to reading->errors. The request may borrow the body, and arg. */
typedef void request_filler(void *arg, const struct call *call, struct reading *reading);

/* The next step of a request that is valid. */
enum intake_next {
    INTAKE_BEGIN,  /* its execution begins, in this turn */
    INTAKE_OTHER,  /* it needs no execution: on_other is called */
    INTAKE_REFUSE, /* admit has set the problem; its texts are valid as long as arg */
};

/* How an endpoint uses the intake. The struct must be static. For each request, exactly one of the
 * functions that take arg is called, apart from `fill` and `admit`, and the intake then ends. */
struct intake_terms {
    /* the execution continues without a client, and is kept in the archive */
    bool is_detached;
    /* With is_detached, in a session: without an Idempotency-Key, the execution is interrupted
     * when its client has gone. */
    bool ends_with_client;
    bool ignores_key;        /* an Idempotency-Key has no meaning for this endpoint */
    bool is_body_optional;   /* an empty body is the object {} */
    request_decoder *decode; /* NULL: the body is a request of our own API */
    request_filler *fill;    /* instead of decode: the body is not JSON */
    enum intake_next (*admit)(const struct call *call, struct request *request, void *arg,
                              struct problem *problem); /* NULL: each request begins */
    /* The execution exists. Attach a listener within this function, or let the archive keep the
     * execution.
     */
    void (*on_begun)(const struct call *call, struct execution *execution, void *arg);
    /* The decoder has found that the request asks for no run: answer the exchange. NULL if the
     * decoder never does. */
    void (*on_other)(const struct call *call, void *arg);
    /* The request is refused: answer the exchange. Borrows the problem. NULL: the intake answers
     * with the problem.
     */
    void (*on_refused)(const struct call *call, const struct problem *problem, void *arg);
    void (*on_gone)(void *arg); /* the client has gone: free arg. NULL if arg needs no freeing */
};

/* Initialise service->intakes; call it once, before the first request. Borrows service for the life
 * of the process. */
void intakes_init(struct service *service);

/* Begin the execution that the request asks for, or find the execution with its Idempotency-Key,
 * and call terms->on_begun. This may happen in a later turn; the caller's key is then checked
 * again. If no execution begins, another function of terms is called. Borrows terms for the life of
 * the process; takes arg. An execution with an Idempotency-Key is always kept. */
void intake_take(const struct call *call, const struct intake_terms *terms, void *arg);

#endif
