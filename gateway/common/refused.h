/* refused.h - why a run was not started: the payload of a REFUSED frame, the last of its run.
 *
 * The broker writes it when it has no box, or mayfly-init when it cannot write the run's files.
 * Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_REFUSED_H
#define MAYFLY_REFUSED_H

#include "common/error.h"
#include "common/wire.h"

/* No payload is larger. */
#define REFUSED_MAX_BYTES (ERROR_TEXT_BYTES + 256)

/* Append the fields, between wire_begin and wire_end. retry_ms says when to try again, 0 when that
 * is unknown. Returns false when out's cap forbids it. */
bool refused_encode(struct buf *out, const struct error *why, uint32_t retry_ms);

/* Read a payload. Returns false when a field is missing, broken or out of range; *why and *retry_ms
 * are then untouched. Cuts a text that is too long. */
bool refused_decode(struct bytes payload, struct error *why, uint32_t *retry_ms);

#endif
