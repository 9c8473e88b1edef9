/* refused.h - why a run was not started: the payload of a REFUSED frame, which is the run's last
 * frame.
 *
 * The broker writes it when it has no box for the run. mayfly-init writes it when it cannot create
 * the run's files. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_REFUSED_H
#define MAYFLY_REFUSED_H

#include "common/error.h"
#include "common/wire.h"

/* The largest payload. */
#define REFUSED_MAX_BYTES (ERROR_TEXT_BYTES + 256)

/* Append the fields, between wire_begin and wire_end. retry_ms is the wait before a retry makes
 * sense, 0 when unknown. Returns false if out's cap is too small. */
bool refused_encode(struct buf *out, const struct error *why, uint32_t retry_ms);

/* Read a payload. Returns false when a field is missing, malformed or out of range; *why and
 * *retry_ms are then untouched. A text that is too long is cut. */
bool refused_decode(struct bytes payload, struct error *why, uint32_t *retry_ms);

#endif
