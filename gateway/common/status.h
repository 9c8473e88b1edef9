/* status.h - the state of the broker that it reports to fronts: whether a run would work now, and
 * its metrics.
 *
 * The broker sends it as a STATUS frame when a front connects, whenever `ready` or `reason`
 * changes, and once a second.
 */
#ifndef MAYFLY_STATUS_H
#define MAYFLY_STATUS_H

#include "common/error.h"
#include "common/wire.h"

struct status {
    bool ready;                    /* a run sent now would work */
    char reason[ERROR_TEXT_BYTES]; /* why it is not ready, for people; "" when ready */
    uint32_t retry_ms;             /* wait before a retry makes sense; 0 when unknown */
    /* encoded samples (sample.h), at most SAMPLES_MAX_BYTES; borrowed */
    struct bytes samples;
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool status_encode(struct buf *out, const struct status *status);
/* Read the payload of a STATUS frame. The samples are borrowed from it. Fails with ERR_PROTOCOL;
 * *status is then untouched. */
bool status_decode(struct bytes payload, struct status *status, struct error *err);

#endif
