/* status.h - the broker's state as the front knows it: whether a run would work, and numbers for
 * metrics.
 *
 * It is sent as a STATUS frame when a front connects, at each change of `ready` or `reason`, and
 * once a second.
 */
#ifndef MAYFLY_STATUS_H
#define MAYFLY_STATUS_H

#include "common/error.h"
#include "common/wire.h"

struct status {
    bool ready;                    /* a run sent now would work */
    char reason[ERROR_TEXT_BYTES]; /* why not ready, for people; "" when ready */
    uint32_t retry_ms;             /* when to try again; 0 when that is unknown */
    struct bytes samples;          /* of sample.h, at most SAMPLES_MAX_BYTES; borrowed */
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool status_encode(struct buf *out, const struct status *status);
/* Read a STATUS payload, from which the samples are borrowed. Fails with ERR_PROTOCOL; *status is
 * then untouched. */
bool status_decode(struct bytes payload, struct status *status, struct error *err);

#endif
