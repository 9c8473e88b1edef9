/* metric.h - the catalogue of metrics: one table gives names, kinds, units, labels and help.
 *
 * A label takes its values from sets known beforehand: routes, states, verdicts, the configured
 * runtimes and keys. A value never comes from a client.
 *
 * Pure. sample.h has the numbers, and the front formats them.
 */
#ifndef MAYFLY_METRIC_H
#define MAYFLY_METRIC_H

#include "common/histogram.h"

#define METRIC_LABELS_MAX 3

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
/* A sample's whole number counts one of these. Nanoseconds are shown as seconds, percents as a
 * ratio from 0 to 1. */
enum metric_unit { METRIC_NUMBER, METRIC_BYTES, METRIC_NS, METRIC_PERCENT };

struct metric {
    const char *name; /* the whole name: "mayfly_runs_total" */
    enum metric_kind kind;
    enum metric_unit unit;
    const char *labels[METRIC_LABELS_MAX]; /* their names; NULL after the last */
    const char *help;
};

enum metric_id {
    /* HTTP (front) */
    METRIC_HTTP_REQUESTS,
    METRIC_HTTP_REQUEST_DURATION,
    METRIC_HTTP_REQUESTS_PENDING,
    METRIC_HTTP_CONNECTIONS,
    METRIC_HTTP_CONNECTIONS_ACCEPTED,
    METRIC_HTTP_CONNECTIONS_REFUSED,
    METRIC_HTTP_HELD_BYTES,
    METRIC_EXECUTIONS_KEPT,
    METRIC_EXECUTIONS_KEPT_BYTES,
    METRIC_TESTS,
    METRIC_UNSENT_BYTES,
    METRIC_REQUESTS_GAVE_WAY,
    METRIC_UNREAD_BYTES,
    METRIC_UNREAD_GAVE_WAY,
    METRIC_LONGEST_TURN,
    METRIC_HTTP_UNAUTHORIZED,
    METRIC_KEY_RUNS,
    METRIC_KEY_REFUSALS,
    METRIC_RUN_OVERHEAD,
    METRIC_READY,
    METRIC_LINK_UP,
    METRIC_STATUS_AGE,
    /* runs (broker) */
    METRIC_RUNS_SUBMITTED,
    METRIC_RUNS,
    METRIC_RUNS_REFUSED,
    METRIC_RUNS_CANCELED,
    METRIC_RUNS_WAITING,
    METRIC_RUNS_WAITING_LIMIT,
    METRIC_RUNS_WAITING_BYTES,
    METRIC_RUNS_WAITING_BYTES_LIMIT,
    METRIC_RUNS_RUNNING,
    METRIC_RUN_STARTS,
    METRIC_RUN_WARMTH,
    METRIC_RUN_QUEUE,
    METRIC_RUN_DURATION,
    METRIC_RUN_OUTPUT,
    /* boxes (broker) */
    METRIC_BOXES,
    METRIC_BOXES_LIMIT,
    METRIC_BOX_START_DURATION,
    METRIC_BOX_STARTS_FAILED,
    METRIC_BOXES_KEPT,
    METRIC_BOX_RESETS,
    METRIC_BOX_RESET_DURATION,
    METRIC_BOXES_RETIRED,
    METRIC_BOXES_REAPED,
    /* sessions (broker) */
    METRIC_SESSIONS,
    METRIC_SESSIONS_LIMIT,
    METRIC_SESSIONS_OPENED,
    METRIC_SESSIONS_ENDED,
    /* the engine (broker) */
    METRIC_ENGINE_UP,
    METRIC_ENGINE_CALLS,
    METRIC_ENGINE_CALL_DURATION,
    METRIC_CANARY_RUNS,
    METRIC_CANARY_PASSED_TIMESTAMP,
    /* the processes (both) */
    METRIC_BUILD_INFO,
    METRIC_PROCESS_CPU,
    METRIC_PROCESS_RESIDENT,
    METRIC_PROCESS_VIRTUAL,
    METRIC_PROCESS_OPEN_FDS,
    METRIC_PROCESS_MAX_FDS,
    METRIC_PROCESS_START_TIME,
    METRICS_COUNT, /* no metric: their number */
};

const struct metric *metric_of(enum metric_id id);
size_t metric_labels_count(const struct metric *metric);
/* Returns a histogram's scale, by its unit: nanoseconds, bytes or percents. */
const struct histogram_scale *metric_scale(const struct metric *metric);

#endif
