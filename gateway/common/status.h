/* status.h - the broker's state as the front knows it: would a run work, and the counters for
 * people and metrics.
 *
 * Sent as a STATUS frame when a front connects, at each change of `ready` or `reason`, and once a
 * second.
 */
#ifndef MAYFLY_STATUS_H
#define MAYFLY_STATUS_H

#include "common/error.h"
#include "common/wire.h"

#define STATUS_COUNTERS_MAX 64

struct status_counter {
    char name[48]; /* a metric's name without its prefix, with labels: boxes{state="ready"} */
    uint64_t value;
};

struct status {
    bool ready;        /* a run sent now would work */
    char reason[240];  /* why not, for people; "" when ready */
    uint32_t retry_ms; /* when to try again, where that can be told; 0 otherwise */
    size_t counters_count;
    struct status_counter counters[STATUS_COUNTERS_MAX];
};

/* Append as fields, between wire_begin and wire_end. False when out's cap forbids. */
bool status_encode(struct buf *out, const struct status *status);
/* Read a STATUS payload. Fails with ERR_PROTOCOL; *status is then untouched. Counters past the
 * maximum are dropped. */
bool status_decode(struct bytes payload, struct status *status, struct error *err);
/* Add a counter; one too many is dropped. */
void status_count(struct status *status, const char *name, uint64_t value);

#endif
