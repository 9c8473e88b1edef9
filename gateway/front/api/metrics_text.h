/* metrics_text.h - writes samples as text for Prometheus: its exposition format, version 0.0.4.
 *
 * Pure: bytes in, text out.
 */
#ifndef MAYFLY_METRICS_TEXT_H
#define MAYFLY_METRICS_TEXT_H

#include "common/sample.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Append all metrics that have samples, in the order of metric.c, each with the samples of all
 * senders. Returns false, with out unchanged, when the text does not fit. */
bool metrics_text_write(struct buf *out, const struct bytes senders[], size_t senders_count);

#endif
