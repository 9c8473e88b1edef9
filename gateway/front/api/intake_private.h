/* intake_private.h - a request that is being read, shared by intake.c and intake_steps.c. Nothing
 * else includes it.
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

/* A request that is being read. It is freed as soon as its exchange is answered or handed on. Many
 * may wait, so the memory that a request needs later is on its desk. */
struct intake {
    struct node node; /* on a queue while it waits for a later turn */
    struct call call;
    const struct intake_terms *terms;
    void *arg;    /* of terms; NULL once it has been taken */
    bool is_kept; /* the archive will keep the execution */
    enum stage stage;
    bool is_idempotent; /* it has an Idempotency-Key */
    struct idempotency idempotency;
    struct digest *digest; /* in STAGE_DIGEST */
    size_t digested_bytes;
    struct desk *desk; /* from STAGE_READ on */
};

/* Frees arg, too, unless it has been taken. */
void intake_free(struct intake *intake);

/* Answer a request that is refused, by its terms. */
void intake_refuse(const struct call *call, const struct intake_terms *terms, void *arg,
                   const struct problem *problem);

/* Answer with this problem, or that of an error, and free the intake. */
void intake_fail(struct intake *intake, const struct problem *problem);
void intake_fail_with(struct intake *intake, enum error_kind kind, const char *text,
                      uint32_t retry_ms);

/* May its execution begin now? Returns false when it was answered and freed instead. */
bool intake_may_begin(struct intake *intake);

/* Do a part of the work. It takes well below a millisecond, except to free megabytes. Returns true
 * when the intake was freed, and its exchange answered or handed on. */
bool intake_step(struct intake *intake);

#endif
