#include "common/metric.h"

#define COUNTER(name, ...)                                                                         \
    {                                                                                              \
        "mayfly_" name "_total", METRIC_COUNTER, __VA_ARGS__                                       \
    }
#define GAUGE(name, ...)                                                                           \
    {                                                                                              \
        "mayfly_" name, METRIC_GAUGE, __VA_ARGS__                                                  \
    }
#define DURATION(name, ...)                                                                        \
    {                                                                                              \
        "mayfly_" name "_seconds", METRIC_HISTOGRAM, METRIC_NS, __VA_ARGS__                        \
    }

static const struct metric metrics[METRICS_COUNT] = {
    [METRIC_HTTP_REQUESTS] = COUNTER("http_requests", METRIC_NUMBER, {"route", "method", "status"},
                                     "Requests answered."),
    [METRIC_HTTP_REQUEST_DURATION] = DURATION("http_request_duration", {"route"},
                                              "Time from the complete request to its answer."),
    [METRIC_HTTP_REQUESTS_PENDING] = GAUGE("http_requests_pending", METRIC_NUMBER, {NULL},
                                           "Requests whose answer is not completely sent."),
    [METRIC_HTTP_CONNECTIONS] =
        GAUGE("http_connections", METRIC_NUMBER, {"entrance"}, "Clients connected."),
    [METRIC_HTTP_CONNECTIONS_ACCEPTED] =
        COUNTER("http_connections_accepted", METRIC_NUMBER, {NULL}, "Connections accepted."),
    [METRIC_HTTP_CONNECTIONS_REFUSED] =
        COUNTER("http_connections_refused", METRIC_NUMBER, {NULL},
                "Connections refused, because their address had too many."),
    [METRIC_HTTP_HELD_BYTES] = GAUGE("http_held_bytes", METRIC_BYTES, {NULL},
                                     "Bytes of large requests that are being received or read."),
    [METRIC_HTTP_UNAUTHORIZED] = COUNTER("http_unauthorized", METRIC_NUMBER, {NULL},
                                         "Requests refused because they had no valid key."),
    [METRIC_KEY_RUNS] =
        GAUGE("key_runs", METRIC_NUMBER, {"key"}, "Accepted runs of a key that have not ended."),
    [METRIC_KEY_REFUSALS] = COUNTER("key_refusals", METRIC_NUMBER, {"key", "limit"},
                                    "Runs refused by a limit of their key."),
    [METRIC_EXECUTIONS_KEPT] = GAUGE("executions_kept", METRIC_NUMBER, {NULL},
                                     "Executions that can be retrieved, running or finished."),
    [METRIC_EXECUTIONS_KEPT_BYTES] =
        GAUGE("executions_kept_bytes", METRIC_BYTES, {NULL}, "Memory of finished executions."),
    [METRIC_UNSENT_BYTES] =
        GAUGE("unsent_bytes", METRIC_BYTES, {NULL},
              "Requests that have been read and wait to be sent to the broker."),
    [METRIC_REQUESTS_GAVE_WAY] =
        COUNTER("requests_gave_way", METRIC_NUMBER, {"what"},
                "Requests refused to free memory, because their key used the most."),
    [METRIC_UNREAD_BYTES] =
        GAUGE("unread_bytes", METRIC_BYTES, {"what"},
              "Memory of output that clients have not read, and of answers that are being sent."),
    [METRIC_UNREAD_GAVE_WAY] = COUNTER("unread_gave_way", METRIC_NUMBER, {"what"},
                                       "Answers and readers that were ended to free memory."),
    [METRIC_LONGEST_TURN] = GAUGE("front_longest_turn_seconds", METRIC_NS, {NULL},
                                  "Longest CPU time that the front spent in one turn of its loop."),
    [METRIC_RUN_OVERHEAD] =
        DURATION("run_overhead", {"start"},
                 "Time from sending a run to its end, without the time that its program ran."),
    [METRIC_READY] = GAUGE("ready", METRIC_NUMBER, {NULL}, "1 if a run sent now would work."),
    [METRIC_LINK_UP] =
        GAUGE("link_up", METRIC_NUMBER, {NULL}, "1 if the front is connected to its broker."),
    [METRIC_STATUS_AGE] = GAUGE("status_age_seconds", METRIC_NS, {NULL},
                                "Age of the broker's metrics in this answer."),

    [METRIC_TESTS] = COUNTER("tests", METRIC_NUMBER, {"verdict"},
                             "Tests of submissions, by what became of them."),

    [METRIC_RUNS_SUBMITTED] =
        COUNTER("runs_submitted", METRIC_NUMBER, {NULL}, "Runs that the broker received."),
    [METRIC_RUNS] = COUNTER("runs", METRIC_NUMBER, {"runtime", "verdict"},
                            "Runs that were started and have ended."),
    [METRIC_RUNS_REFUSED] = COUNTER("runs_refused", METRIC_NUMBER, {"kind"},
                                    "Runs that the broker received and did not start."),
    [METRIC_RUNS_CANCELED] =
        COUNTER("runs_canceled", METRIC_NUMBER, {NULL}, "Runs that were canceled."),
    [METRIC_RUNS_WAITING] =
        GAUGE("runs_waiting", METRIC_NUMBER, {NULL}, "Runs that wait for a box."),
    [METRIC_RUNS_WAITING_LIMIT] =
        GAUGE("runs_waiting_limit", METRIC_NUMBER, {NULL}, "Maximum number of runs that may wait."),
    [METRIC_RUNS_WAITING_BYTES] = GAUGE("runs_waiting_bytes", METRIC_BYTES, {NULL},
                                        "Code, input and files of runs that are not in a box yet."),
    [METRIC_RUNS_WAITING_BYTES_LIMIT] =
        GAUGE("runs_waiting_bytes_limit", METRIC_BYTES, {NULL},
              "Maximum number of bytes of runs that are not in a box yet."),
    [METRIC_RUNS_RUNNING] = GAUGE("runs_running", METRIC_NUMBER, {NULL}, "Runs that have a box."),
    [METRIC_RUN_STARTS] =
        COUNTER("run_starts", METRIC_NUMBER, {"runtime", "start"},
                "Runs that got a box; warm: a ready one, whose interpreter could serve them."),
    [METRIC_RUN_WARMTH] = {"mayfly_run_warmth_ratio",
                           METRIC_HISTOGRAM,
                           METRIC_PERCENT,
                           {"runtime"},
                           "How much of its warm-up an interpreter had done when its run began."},
    [METRIC_RUN_QUEUE] =
        DURATION("run_queue_duration", {"start"}, "How long runs waited until they got a box."),
    [METRIC_RUN_DURATION] = DURATION("run_duration", {"runtime"}, "How long programs ran."),
    [METRIC_RUN_OUTPUT] = {"mayfly_run_output_bytes",
                           METRIC_HISTOGRAM,
                           METRIC_BYTES,
                           {"stream"},
                           "Bytes that programs wrote."},

    [METRIC_BOXES] = GAUGE("boxes", METRIC_NUMBER, {"state"}, "Boxes, by state."),
    [METRIC_BOXES_LIMIT] =
        GAUGE("boxes_limit", METRIC_NUMBER, {NULL}, "Maximum number of boxes at a time."),
    [METRIC_BOX_START_DURATION] =
        DURATION("box_start_duration", {NULL}, "Time from a box's creation until it was ready."),
    [METRIC_BOX_STARTS_FAILED] =
        COUNTER("box_starts_failed", METRIC_NUMBER, {NULL}, "Boxes that never became ready."),
    [METRIC_BOXES_KEPT] = GAUGE("boxes_kept", METRIC_NUMBER, {NULL},
                                "Ready boxes that wait for the next run of their owner."),
    [METRIC_BOX_RESETS] = COUNTER("box_resets", METRIC_NUMBER, {NULL},
                                  "Boxes that were proven clean after a run, and kept."),
    [METRIC_BOX_RESET_DURATION] =
        DURATION("box_reset_duration", {NULL},
                 "Time from a run's end until its box was proven clean and ready."),
    [METRIC_BOXES_RETIRED] =
        COUNTER("boxes_retired", METRIC_NUMBER, {"reason"},
                "Boxes that were allowed several runs and serve no more, by the reason."),
    [METRIC_BOXES_REAPED] =
        COUNTER("boxes_reaped", METRIC_NUMBER, {NULL},
                "Boxes removed because they were stray or left by a dead gateway."),

    [METRIC_SESSIONS] = GAUGE("sessions", METRIC_NUMBER, {"state"}, "Sessions, by state."),
    [METRIC_SESSIONS_LIMIT] =
        GAUGE("sessions_limit", METRIC_NUMBER, {NULL}, "Maximum number of sessions at a time."),
    [METRIC_SESSIONS_OPENED] =
        COUNTER("sessions_opened", METRIC_NUMBER, {NULL}, "Sessions that were opened."),
    [METRIC_SESSIONS_ENDED] = COUNTER("sessions_ended", METRIC_NUMBER, {"reason"},
                                      "Sessions that have ended, by the reason."),

    [METRIC_ENGINE_UP] = GAUGE("engine_up", METRIC_NUMBER, {NULL},
                               "1 if the engine answers and meets all requirements."),
    [METRIC_ENGINE_CALLS] = COUNTER("engine_calls", METRIC_NUMBER, {"call", "outcome"},
                                    "Finished calls to the engine."),
    [METRIC_ENGINE_CALL_DURATION] =
        DURATION("engine_call_duration", {"call"}, "How long calls to the engine took."),
    [METRIC_CANARY_RUNS] =
        COUNTER("canary_runs", METRIC_NUMBER, {"result"}, "Self-tests of the sandbox."),
    [METRIC_CANARY_PASSED_TIMESTAMP] = GAUGE("canary_passed_timestamp_seconds", METRIC_NS, {NULL},
                                             "Unix time when the self-test last passed; 0: never."),

    [METRIC_BUILD_INFO] = GAUGE("build_info", METRIC_NUMBER, {"role", "version"},
                                "Always 1; the labels name the role and version."),
    [METRIC_PROCESS_CPU] = {"process_cpu_seconds_total",
                            METRIC_COUNTER,
                            METRIC_NS,
                            {"role"},
                            "User and system time of this process."},
    [METRIC_PROCESS_RESIDENT] =
        {"process_resident_memory_bytes", METRIC_GAUGE, METRIC_BYTES, {"role"}, "Resident memory."},
    [METRIC_PROCESS_VIRTUAL] =
        {"process_virtual_memory_bytes", METRIC_GAUGE, METRIC_BYTES, {"role"}, "Virtual memory."},
    [METRIC_PROCESS_OPEN_FDS] =
        {"process_open_fds", METRIC_GAUGE, METRIC_NUMBER, {"role"}, "Open descriptors."},
    [METRIC_PROCESS_MAX_FDS] = {"process_max_fds",
                                METRIC_GAUGE,
                                METRIC_NUMBER,
                                {"role"},
                                "Maximum number of open descriptors."},
    [METRIC_PROCESS_START_TIME] = {"process_start_time_seconds",
                                   METRIC_GAUGE,
                                   METRIC_NS,
                                   {"role"},
                                   "Unix time when this process started."},
};

const struct metric *metric_of(enum metric_id id)
{
    return &metrics[id];
}

size_t metric_labels_count(const struct metric *metric)
{
    size_t count = 0;
    while (count < METRIC_LABELS_MAX && metric->labels[count])
        count++;
    return count;
}

const struct histogram_scale *metric_scale(const struct metric *metric)
{
    static const struct histogram_scale *const scales[] = {
        [METRIC_NUMBER] = &histogram_bytes,
        [METRIC_BYTES] = &histogram_bytes,
        [METRIC_NS] = &histogram_seconds,
        [METRIC_PERCENT] = &histogram_percents,
    };
    return scales[metric->unit];
}
