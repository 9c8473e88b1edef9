/* metrics_text.h - samples as text: Prometheus' exposition format, version 0.0.4.
 *
 * Pure: bytes in, text out.
 */
#ifndef MAYFLY_METRICS_TEXT_H
#define MAYFLY_METRICS_TEXT_H

#include "common/sample.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Append every metric that a sender has samples of, in the catalogue's order, each once with all
 * its samples. False, and out unchanged, when out's cap forbids. */
bool metrics_text_write(struct buf *out, const struct bytes senders[], size_t senders_count);

#endif
