/* metrics_text.h - samples as text: Prometheus' exposition format, version 0.0.4.
 *
 * Pure: bytes in, text out.
 */
#ifndef MAYFLY_METRICS_TEXT_H
#define MAYFLY_METRICS_TEXT_H

#include "common/sample.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Append every metric that has samples, in the catalogue's order, each once with the samples of all
 * senders. Returns false, with out unchanged, when they do not fit into out. */
bool metrics_text_write(struct buf *out, const struct bytes senders[], size_t senders_count);

#endif
