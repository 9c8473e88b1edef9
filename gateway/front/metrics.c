#include "front/metrics.h"

#include <stdio.h>
#include <string.h>

static const char none[] = "none";

static bool is_answer(const struct answer_count *answer, const char *route, const char *method,
                      int status)
{
    return answer->status == status && strcmp(answer->route, route) == 0 &&
           strcmp(answer->method, method) == 0;
}

static struct answer_count *find_answer(struct metrics *metrics, const char *route,
                                        const char *method, int status)
{
    size_t i = 0;
    while (i < METRICS_ANSWERS_MAX - 1 && metrics->answers[i].route &&
           !is_answer(&metrics->answers[i], route, method, status))
        i++;
    struct answer_count *answer = &metrics->answers[i];
    if (!answer->route)
        *answer = (struct answer_count){.route = route, .method = method, .status = status};
    return answer;
}

static struct histogram *find_duration(struct metrics *metrics, const char *route)
{
    size_t i = 0;
    while (i < METRICS_ROUTES_MAX - 1 && metrics->durations[i].route &&
           strcmp(metrics->durations[i].route, route) != 0)
        i++;
    if (!metrics->durations[i].route)
        metrics->durations[i].route = route;
    return &metrics->durations[i].histogram;
}

void metrics_answered(struct metrics *metrics, const char *route, const char *method, int status,
                      uint64_t duration_ns)
{
    route = route ? route : none;
    find_answer(metrics, route, method ? method : none, status)->count++;
    histogram_add(find_duration(metrics, route), &histogram_seconds, duration_ns);
}

void metrics_refused(struct metrics *metrics, int status)
{
    find_answer(metrics, none, none, status)->count++;
}

void metrics_run_ended(struct metrics *metrics, enum start start, uint64_t overhead_ns)
{
    histogram_add(&metrics->overhead[start], &histogram_seconds, overhead_ns);
}

void metrics_turned(struct metrics *metrics, uint64_t cpu_ns)
{
    if (cpu_ns > metrics->longest_turn_ns)
        metrics->longest_turn_ns = cpu_ns;
}

void metrics_report(const struct metrics *metrics, struct samples *samples)
{
    for (size_t i = 0; i < METRICS_ANSWERS_MAX && metrics->answers[i].route; i++) {
        const struct answer_count *answer = &metrics->answers[i];
        char status[8];
        snprintf(status, sizeof status, "%d", answer->status);
        samples_put(samples, METRIC_HTTP_REQUESTS, LABELS(answer->route, answer->method, status),
                    answer->count);
    }
    for (size_t i = 0; i < METRICS_ROUTES_MAX && metrics->durations[i].route; i++)
        samples_put_histogram(samples, METRIC_HTTP_REQUEST_DURATION,
                              LABELS(metrics->durations[i].route),
                              &metrics->durations[i].histogram);
    samples_put(samples, METRIC_HTTP_CONNECTIONS_ACCEPTED, LABELS(NULL),
                metrics->connections_accepted);
    samples_put(samples, METRIC_HTTP_CONNECTIONS_REFUSED, LABELS(NULL),
                metrics->connections_refused);
    samples_put(samples, METRIC_LONGEST_TURN, LABELS(NULL), metrics->longest_turn_ns);
    for (int start = 0; start < STARTS_COUNT; start++)
        samples_put_histogram(samples, METRIC_RUN_OVERHEAD, LABELS(start_name((enum start)start)),
                              &metrics->overhead[start]);
}
