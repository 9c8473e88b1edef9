/* intake_private.h - what intake.c and intake_steps.c share: a request on its way in. Nothing else
 * includes it.
 */
#ifndef MAYFLY_INTAKE_PRIVATE_H
#define MAYFLY_INTAKE_PRIVATE_H

#include "front/api/intake.h"
#include "front/api/request.h"
#include "front/api/request_tests.h"
#include "front/http/problem.h"
#include "front/runs/archive.h"

#define INTAKE_FULL_RETRY_MS 1000

enum stage {
    STAGE_DIGEST,
    STAGE_READ,
    STAGE_WRITE,
    STAGE_FREE_FILES,
    STAGE_FREE_TEXT,
    STAGE_FREE_BODY,
    STAGE_END,
};

/* A request that is being read. It goes as soon as its exchange is answered or handed on. */
struct intake {
    struct node node; /* on a queue, when it waits for a later turn */
    struct call call;
    intake_begun *on_begun;
    bool is_kept; /* the archive is to keep the execution */
    enum stage stage;
    bool is_idempotent; /* it has an Idempotency-Key */
    struct idempotency idempotency;
    struct digest *digest;
    size_t digested_bytes;
    struct request_reader *reader;
    struct field_errors errors;
    struct error why;
    struct problem problem; /* that it is refused with; status 0: it is not */
    struct request request; /* once it has been read */
    struct request_cursor cursor;
    struct buf frame; /* its RUN */
    size_t mark;
    struct test_plan plan; /* with tests, in place of the frame */
    struct request_tests_cursor tests_cursor;
};

void intake_free(struct intake *intake);

/* Answer with this problem, or that of an error, and free the intake. */
void intake_fail(struct intake *intake, const struct problem *problem);
void intake_fail_with(struct intake *intake, enum error_kind kind, const char *text,
                      uint32_t retry_ms);

/* May an execution of it begin now? False: it was answered and freed. */
bool intake_may_begin(struct intake *intake);

/* A part of the work, well below a millisecond but where megabytes are freed. True: the intake is
 * no more, its exchange answered or handed on. */
bool intake_step(struct intake *intake);

#endif
