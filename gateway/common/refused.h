/* refused.h - why a run was not started: the payload of a REFUSED frame, the last of its run.
 *
 * Written by the broker, which has no box for it, or by mayfly-init, which cannot lay out its
 * files. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_REFUSED_H
#define MAYFLY_REFUSED_H

#include "common/error.h"
#include "common/wire.h"

/* Room for any payload. */
#define REFUSED_MAX_BYTES (ERROR_TEXT_BYTES + 256)

/* Append as fields, between wire_begin and wire_end. retry_ms: when to try again, 0 when nobody can
 * tell. False when out's cap forbids. */
bool refused_encode(struct buf *out, const struct error *why, uint32_t retry_ms);

/* Read a payload. False when a field is missing, broken or out of range; *why and *retry_ms are
 * then untouched. Too long a text is cut. */
bool refused_decode(struct bytes payload, struct error *why, uint32_t *retry_ms);

#endif
