/* metrics.h - the front's own counters: requests, connections, and the overhead of runs.
 *
 * Label values come only from our own tables, and are valid for the life of the process: a route, a
 * known method, a status that we send. Knows neither HTTP nor the text format of metrics.
 */
#ifndef MAYFLY_METRICS_H
#define MAYFLY_METRICS_H

#include "common/sample.h"
#include "common/start.h"

/* The last entry counts all kinds of answers that have no entry. */
#define METRICS_ANSWERS_MAX 256
#define METRICS_ROUTES_MAX 40

struct answer_count {
    const char *route, *method;
    int status;
    uint64_t count;
};

struct route_duration {
    const char *route;
    struct histogram histogram;
};

/* A zeroed struct is valid. */
struct metrics {
    struct answer_count answers[METRICS_ANSWERS_MAX];
    struct route_duration durations[METRICS_ROUTES_MAX];
    struct histogram overhead[STARTS_COUNT];
    uint64_t connections_accepted, connections_refused;
    uint64_t longest_turn_ns;
};

/* Count an answered request. route and method are NULL when unknown. */
void metrics_answered(struct metrics *metrics, const char *route, const char *method, int status,
                      uint64_t duration_ns);
/* Count a request that was answered before a handler got it. */
void metrics_refused(struct metrics *metrics, int status);
/* Count a run that has ended. The overhead is the time since it was sent to the broker, minus the
 * time in which its program ran. */
void metrics_run_ended(struct metrics *metrics, enum start start, uint64_t overhead_ns);

/* Record the CPU time of a turn of the loop. */
void metrics_turned(struct metrics *metrics, uint64_t cpu_ns);

void metrics_report(const struct metrics *metrics, struct samples *samples);

#endif
