#include "front/runs/report.h"

#include <stdlib.h>
#include <string.h>

/* Copy bytes to *to, and move *to behind the copy. */
static struct bytes copy_of(struct bytes bytes, uint8_t **to)
{
    if (!bytes.data)
        return bytes;
    struct bytes copy = bytes_of(*to, bytes.len);
    if (bytes.len > 0)
        memcpy(*to, bytes.data, bytes.len);
    *to += bytes.len;
    return copy;
}

struct report *report_new(const struct report *terms)
{
    const struct difference *difference = &terms->difference;
    size_t bytes = terms->name.len + terms->message.len + terms->path.len +
                   difference->expected.len + difference->got.len;
    struct report *report = calloc(1, sizeof *report + bytes + 1);
    if (!report)
        return NULL;
    uint8_t *to = report->memory;
    *report = *terms;
    report->next = report->by_index = NULL;
    report->bytes = sizeof *report + bytes + 1;
    report->name = copy_of(terms->name, &to);
    report->message = copy_of(terms->message, &to);
    report->path = copy_of(terms->path, &to);
    report->difference.expected = copy_of(difference->expected, &to);
    report->difference.got = copy_of(difference->got, &to);
    return report;
}

const char *report_verdict_name(enum report_verdict verdict)
{
    static const char *const names[REPORT_VERDICTS_COUNT] = {
        [REPORT_PASSED] = "passed",   [REPORT_WRONG] = "wrong",   [REPORT_ERROR] = "error",
        [REPORT_TIMEOUT] = "timeout", [REPORT_FAILED] = "failed", [REPORT_NOT_RUN] = "not_run"};
    return names[verdict];
}

/* ---- JSON ---- */

static void put_text(struct json_out *json, const char *name, struct bytes text)
{
    json_key(json, name);
    if (text.data)
        json_put_string(json, text.data, text.len);
    else
        json_put_null(json);
}

static void put_difference(const struct report *report, struct json_out *json)
{
    const struct difference *difference = &report->difference;
    json_open(json, '{');
    put_text(json, "path", report->path);
    json_member_uint(json, "line", difference->line);
    put_text(json, "expected", difference->expected);
    put_text(json, "got", difference->got);
    json_close(json, '}');
}

void report_put(const struct report *report, struct json_out *json)
{
    json_member_uint(json, "index", report->index);
    put_text(json, "name", report->name);
    json_member_text(json, "verdict", report_verdict_name(report->verdict));
    if (report->verdict == REPORT_NOT_RUN) {
        json_member_text(json, "reason", report->reason);
        put_text(json, "message", report->message);
        return;
    }
    json_key(json, "difference");
    if (report->has_difference)
        put_difference(report, json);
    else
        json_put_null(json);
}

/* ---- counts and summaries of reports ---- */

void report_counts_put(const struct report_counts *counts, struct samples *samples)
{
    for (int i = 0; i < REPORT_VERDICTS_COUNT; i++)
        samples_put(samples, METRIC_TESTS, LABELS(report_verdict_name((enum report_verdict)i)),
                    counts->by_verdict[i]);
}

void summary_add(struct summary *summary, const struct report *report, uint64_t wall_ns,
                 uint64_t memory_bytes)
{
    bool is_first = report->index < summary->first_index || summary->first_verdict == REPORT_PASSED;
    summary->counts[report->verdict]++;
    if (wall_ns > summary->slowest_ns)
        summary->slowest_ns = wall_ns;
    if (memory_bytes > summary->highest_memory_bytes)
        summary->highest_memory_bytes = memory_bytes;
    if (report->verdict == REPORT_PASSED || !is_first)
        return;
    summary->first_index = report->index;
    summary->first_verdict = report->verdict;
}

void summary_put(const struct summary *summary, struct json_out *json)
{
    uint32_t passed = summary->counts[REPORT_PASSED], ran = 0;
    for (int verdict = REPORT_PASSED; verdict < REPORT_NOT_RUN; verdict++)
        ran += summary->counts[verdict];
    bool all_passed = passed == summary->tests_count;
    enum report_verdict verdict = summary->first_verdict;
    if (!all_passed && verdict == REPORT_PASSED)
        verdict = REPORT_NOT_RUN;
    json_member_text(json, "verdict", report_verdict_name(verdict));
    json_member_uint(json, "passed", passed);
    json_member_uint(json, "failed", ran - passed);
    json_member_uint(json, "not_run", summary->tests_count - ran);
    json_member_seconds(json, "slowest_time", summary->slowest_ns);
    json_key(json, "highest_memory");
    if (summary->highest_memory_bytes > 0)
        json_put_uint(json, summary->highest_memory_bytes);
    else
        json_put_null(json);
}
