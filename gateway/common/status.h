/* status.h - the broker's state as the front knows it: would a run work, and the broker's numbers
 * for metrics.
 *
 * Sent as a STATUS frame when a front connects, at each change of `ready` or `reason`, and once a
 * second.
 */
#ifndef MAYFLY_STATUS_H
#define MAYFLY_STATUS_H

#include "common/error.h"
#include "common/wire.h"

struct status {
    bool ready;                    /* a run sent now would work */
    char reason[ERROR_TEXT_BYTES]; /* why not, for people; "" when ready */
    uint32_t retry_ms;             /* when to try again, where that can be told; 0 otherwise */
    struct bytes samples;          /* of sample.h, at most SAMPLES_MAX_BYTES; lent */
};

/* Append as fields, between wire_begin and wire_end. False when out's cap forbids. */
bool status_encode(struct buf *out, const struct status *status);
/* Read a STATUS payload, which lends the samples. Fails with ERR_PROTOCOL; *status is then
 * untouched. */
bool status_decode(struct bytes payload, struct status *status, struct error *err);

#endif
