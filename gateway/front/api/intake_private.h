/* intake_private.h - the state of a request that is being read. Only intake.c and intake_steps.c
 * include it.
 */
#ifndef MAYFLY_INTAKE_PRIVATE_H
#define MAYFLY_INTAKE_PRIVATE_H

#include "front/api/desk.h"
#include "front/api/intake.h"
#include "front/runs/archive.h"

#define INTAKE_FULL_RETRY_MS 1000
#define INTAKE_NO_DIGEST "The fingerprint of the request could not be computed."

enum stage {
    STAGE_DIGEST,
    STAGE_READ,
    STAGE_WRITE,
    STAGE_FREE_FILES,
    STAGE_FREE_TEXT,
    STAGE_FREE_BODY,
    STAGE_END,
};

/* A request that is being read. It is freed once its exchange was answered, or was passed to a
 * waiter or follower. Many may wait at once, so large memory is allocated later, as a desk. */
struct intake {
    struct node node; /* on one of the queues, while it waits for a later turn */
    struct call call;
    const struct intake_terms *terms;
    void *arg;    /* for the functions of terms; NULL once its next owner has taken it */
    bool is_kept; /* the archive will keep the execution */
    enum stage stage;
    bool is_idempotent; /* the request has an Idempotency-Key */
    struct idempotency idempotency;
    struct digest *digest; /* in STAGE_DIGEST */
    size_t digested_bytes;
    struct desk *desk; /* from STAGE_READ on */
};

/* Free the intake. Frees its arg too, unless another owner has taken it. */
void intake_free(struct intake *intake);

/* Answer a request that is refused, as its terms say. Takes arg. */
void intake_refuse(const struct call *call, const struct intake_terms *terms, void *arg,
                   const struct problem *problem);

/* Refuse the request with this problem, or with a problem made of an error, and free the intake. */
void intake_fail(struct intake *intake, const struct problem *problem);
void intake_fail_with(struct intake *intake, enum error_kind kind, const char *text,
                      uint32_t retry_ms);

/* Returns true if the request's execution may begin now. Otherwise the request was refused and
 * freed. */
bool intake_may_begin(struct intake *intake);

/* Do the next part of the work, which takes well below a millisecond except when it frees
 * megabytes. Returns true when the intake was freed. */
bool intake_step(struct intake *intake);

#endif
