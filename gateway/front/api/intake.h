/* intake.h - turns a POST into an execution. Every kind of request passes through it, so each
 * mistake has the same words everywhere, and nothing is sent to a box before the whole request is
 * valid.
 *
 * A request is read in parts, because a large one takes tens of milliseconds:
 *
 *   taken -> DIGEST (of an Idempotency-Key's body) -> READ -> WRITE (the RUN frame) -> FREE -> END
 *                                                       \-- a mistake ------------------^
 *
 * A small request is read within the handler's call if the turn has time left. All others queue,
 * and a task spends a millisecond of each turn on them: first on the small ones, in order; then on
 * one large request at a time, so that only one is in memory in two forms. If the client hangs up
 * meanwhile, its request is dropped; if the gateway stops, it is answered.
 */
#ifndef MAYFLY_INTAKE_H
#define MAYFLY_INTAKE_H

#include "front/api/call.h"
#include "front/api/request_reader.h"
#include "front/runs/execution.h"

/* Fills reading->request, which has the defaults, without JSON, and adds each mistake to
 * reading->errors. The request may borrow the body, and arg. */
typedef void request_filler(void *arg, const struct call *call, struct reading *reading);

/* The next step of a request that is valid. */
enum intake_next {
    INTAKE_BEGIN,  /* its execution begins, in this turn */
    INTAKE_OTHER,  /* it needs none: on_other */
    INTAKE_REFUSE, /* for the problem, which admit has set; its texts are valid as long as arg */
};

/* How the requests of an endpoint are taken. Static. Each of the functions but `decode`, `fill` and
 * `admit` takes arg; exactly one of them is called for each request, which is the end of the
 * intake. */
struct intake_terms {
    bool is_detached; /* the execution continues without a client, and is kept */
    /* With is_detached, in a session: but without an Idempotency-Key it is interrupted when its
     * client has gone. */
    bool ends_with_client;
    bool ignores_key;        /* an Idempotency-Key has no meaning here */
    bool is_body_optional;   /* an empty body is the object {} */
    request_decoder *decode; /* NULL: the body is the API's own request */
    request_filler *fill;    /* in place of decode: the body is no JSON */
    enum intake_next (*admit)(const struct call *call, struct request *request, void *arg,
                              struct problem *problem); /* NULL: each begins */
    /* The call has its execution. Attach a listener within this function, or the archive keeps it.
     */
    void (*on_begun)(const struct call *call, struct execution *execution, void *arg);
    /* The decoder said that this is no run: answer the exchange. NULL where it never does. */
    void (*on_other)(const struct call *call, void *arg);
    /* The request is refused: answer the exchange. The problem is borrowed. NULL: it is the answer.
     */
    void (*on_refused)(const struct call *call, const struct problem *problem, void *arg);
    void (*on_gone)(void *arg); /* its client has gone; NULL where arg is not owned */
};

/* Call it once, before the first request. Borrows service for the life of the process. */
void intakes_init(struct service *service);

/* Begin the execution that the call asks for, or find the one that its Idempotency-Key names, and
 * call terms->on_begun: now, or in a later turn with the caller as it is then. Where that fails,
 * call one of the other functions. Borrows terms for the life of the process; takes arg. An
 * execution with a key is kept in any case. */
void intake_take(const struct call *call, const struct intake_terms *terms, void *arg);

#endif
