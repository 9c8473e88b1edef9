#include "front/runs/answer.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/number.h"
#include "common/timestamp.h"
#include "common/utf8.h"

/* A text that was cut within a character loses that character. Base64 output is exact.
 */
struct answer_stream answer_stream(const struct transcript *transcript, enum wire_stream number)
{
    bool is_out = number == WIRE_STDOUT;
    struct bytes kept = buf_bytes(is_out ? &transcript->out.kept : &transcript->err.kept);
    size_t dropped_bytes = is_out ? transcript->out.dropped_bytes : transcript->err.dropped_bytes;
    const struct outcome *outcome = &transcript->outcome;
    struct answer_stream stream = {
        .shown = kept,
        .total_bytes = is_out ? outcome->out.total_bytes : outcome->err.total_bytes,
        .truncated = transcript_is_cut(transcript, number) || dropped_bytes > 0,
    };
    /* If the box was lost, nobody reported a total: count the bytes that arrived. */
    if (stream.total_bytes < kept.len + dropped_bytes)
        stream.total_bytes = kept.len + dropped_bytes;
    if (stream.truncated && transcript->output_encoding == OUTPUT_UTF8)
        stream.shown.len = utf8_cut(kept.data, kept.len);
    return stream;
}

const char *answer_status(const struct transcript *transcript)
{
    const struct outcome *outcome = &transcript->outcome;
    if (transcript->state == TRANSCRIPT_REFUSED)
        return "failed";
    switch (outcome->verdict) {
    case VERDICT_EXITED:
        return outcome->exit_code == 0 ? "success" : "error";
    case VERDICT_SIGNALED:
    case VERDICT_OOM:
        return "error";
    case VERDICT_TIMEOUT:
    case VERDICT_CPU_TIME:
        return "timeout";
    case VERDICT_LOST:
        break;
    }
    return "failed";
}

/* A run that was lost with its session has the reason of the session's end. */
static const char *reason_of_loss(const struct session_note *session)
{
    if (session->name[0] == '\0' || session->state != SESSION_GONE)
        return "sandbox";
    return session->reason == SESSION_DELETED ? "canceled" : session_reason_name(session->reason);
}

static const char *reason_of(const struct transcript *transcript, bool truncated)
{
    if (transcript->state == TRANSCRIPT_REFUSED)
        return "not_started";
    if (transcript->is_canceled)
        return "canceled";
    switch (transcript->outcome.verdict) {
    case VERDICT_TIMEOUT:
        return "timeout";
    case VERDICT_CPU_TIME:
        return "cpu_time_limit";
    case VERDICT_OOM:
        return "memory_limit";
    case VERDICT_LOST:
        return reason_of_loss(&transcript->session);
    case VERDICT_EXITED:
    case VERDICT_SIGNALED:
        break;
    }
    /* The pids limit is a reason if the program failed, otherwise only worth a remark. The same
     * holds for memory.
     */
    if (transcript->outcome.pids_refused_count > 0 &&
        strcmp(answer_status(transcript), "error") == 0)
        return "pids_limit";
    bool lacks_files = transcript->outcome.left_out_count > 0 || transcript->cut_files_count > 0;
    return truncated || lacks_files || transcript->is_short ? "output_limit" : NULL;
}

/* Sentences for people, to which more can be appended. */
struct remark {
    char *text;
    size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct remark *remark, const char *format,
                                                      ...)
{
    va_list arguments;
    if (remark->len > 0 && remark->len < remark->size)
        remark->len +=
            (size_t)snprintf(remark->text + remark->len, remark->size - remark->len, ". ");
    if (remark->len >= remark->size)
        return;
    va_start(arguments, format);
    remark->len += (size_t)vsnprintf(remark->text + remark->len, remark->size - remark->len, format,
                                     arguments);
    va_end(arguments);
}

/* Explain why output may be missing: Python writes printed text only when some KiB have
 * accumulated, or a line is complete if it is line-buffered.
 */
static void add_kill(struct remark *remark, const struct transcript *transcript, const char *what,
                     uint32_t limit_ms)
{
    char number[NUMBER_MILLIS_BYTES];
    add(remark, "%s %s second%s%s", what, number_format_millis(number, limit_ms),
        limit_ms == 1000 ? "" : "s",
        transcript->line_buffered ? "" : "; output that was not flushed may be missing");
}

static void add_pids(struct remark *remark, const struct transcript *transcript)
{
    if (transcript->outcome.pids_refused_count > 0)
        add(remark, "The limit of %u processes and threads was reached; %llu could not be started",
            (unsigned)transcript->pids, (unsigned long long)transcript->outcome.pids_refused_count);
}

/* Add remarks about shortages, for a program that ended by itself. */
static void add_shortages(struct remark *remark, const struct transcript *transcript,
                          bool truncated)
{
    const struct outcome *outcome = &transcript->outcome;
    if (outcome->oom_kills > 0)
        add(remark, "The kernel killed %llu process%s of this run for lack of memory",
            (unsigned long long)outcome->oom_kills, outcome->oom_kills == 1 ? "" : "es");
    add_pids(remark, transcript);
    if (outcome->inodes_limit > 0)
        add(remark, "/box or /tmp was full: at most %llu files and folders fit in each",
            (unsigned long long)outcome->inodes_limit);
    /* A program may fill /box on purpose and succeed. */
    if (outcome->room_bytes > 0 && strcmp(answer_status(transcript), "error") == 0)
        add(remark, "/box or /tmp was full: at most %llu bytes fit in each",
            (unsigned long long)outcome->room_bytes);
    if (transcript->is_short)
        add(remark, "The gateway had no memory left for all of the program's output");
    else if (truncated)
        add(remark, "Output is cut at %llu bytes per stream",
            (unsigned long long)transcript->output_bytes);
    else if (outcome->left_out_count > 0)
        add(remark, "Output files that could not be returned: at least %llu",
            (unsigned long long)outcome->left_out_count);
    else if (transcript->cut_files_count > 0)
        add(remark, "Output files that had to be cut: %zu", transcript->cut_files_count);
}

static bool any_is_cut(const struct transcript *transcript)
{
    return transcript_is_cut(transcript, WIRE_STDOUT) || transcript_is_cut(transcript, WIRE_STDERR);
}

const char *answer_message(const struct transcript *transcript, char text[ANSWER_MESSAGE_BYTES])
{
    const struct outcome *outcome = &transcript->outcome;
    struct remark remark = {.text = text, .size = ANSWER_MESSAGE_BYTES};
    if (transcript->state == TRANSCRIPT_REFUSED)
        return transcript->refusal_text;
    switch (outcome->verdict) {
    case VERDICT_TIMEOUT:
        add_kill(&remark, transcript, "Execution timed out after", transcript->timeout_ms);
        add_pids(&remark, transcript);
        break;
    case VERDICT_CPU_TIME:
        add_kill(&remark, transcript, "The program used up its CPU time limit of",
                 transcript->cpu_time_ms);
        add_pids(&remark, transcript);
        break;
    case VERDICT_OOM:
        if (outcome->text[0])
            add(&remark, "%s", outcome->text);
        else
            add(&remark, "The program needed more memory than its limit of %llu bytes",
                (unsigned long long)transcript->memory_bytes);
        add_pids(&remark, transcript);
        break;
    case VERDICT_LOST:
        return outcome->text[0] ? outcome->text : "The run was lost after it had started";
    case VERDICT_EXITED:
    case VERDICT_SIGNALED:
        add_shortages(&remark, transcript, any_is_cut(transcript));
        break;
    }
    return remark.len > 0 ? text : NULL;
}

const char *answer_signal(int number, char text[ANSWER_SIGNAL_BYTES])
{
    const char *abbreviation = sigabbrev_np(number);
    if (number == SIGIO) /* glibc calls this signal POLL */
        abbreviation = "IO";
    if (abbreviation)
        snprintf(text, ANSWER_SIGNAL_BYTES, "SIG%s", abbreviation);
    else if (number == SIGRTMIN)
        snprintf(text, ANSWER_SIGNAL_BYTES, "SIGRTMIN");
    else if (number == SIGRTMAX)
        snprintf(text, ANSWER_SIGNAL_BYTES, "SIGRTMAX");
    else
        snprintf(text, ANSWER_SIGNAL_BYTES, number > SIGRTMIN ? "SIGRTMIN+%d" : "%d",
                 number > SIGRTMIN ? number - SIGRTMIN : number);
    return text;
}

static void put_end(struct json_out *json, const struct outcome *outcome)
{
    char name[ANSWER_SIGNAL_BYTES];
    bool by_signal = outcome->verdict == VERDICT_SIGNALED || outcome->verdict == VERDICT_OOM;
    json_key(json, "return_code");
    if (outcome->verdict == VERDICT_EXITED)
        json_put_int(json, outcome->exit_code);
    else if (by_signal)
        json_put_int(json, -outcome->signal);
    else
        json_put_null(json);
    json_key(json, "signal");
    json_put_text(json, by_signal ? answer_signal(outcome->signal, name) : NULL);
}

const char *answer_id(const struct transcript *transcript, char text[ANSWER_ID_BYTES])
{
    snprintf(text, ANSWER_ID_BYTES, "%016llx", (unsigned long long)transcript->run_id);
    return text;
}

const char *answer_start(const struct transcript *transcript)
{
    return transcript->has_box ? start_name(transcript->start) : NULL;
}

/* Write the measured values, or null if there are none. After an exit or a signal, the box has
 * measured them, so a CPU time of 0 counts. */
static void put_usage(struct json_out *json, const struct outcome *outcome)
{
    bool is_told = outcome->verdict == VERDICT_EXITED || outcome->verdict == VERDICT_SIGNALED;
    if (is_told || outcome->cpu_ns > 0)
        json_member_seconds(json, "cpu_time", outcome->cpu_ns);
    else
        json_member_text(json, "cpu_time", NULL);
    if (outcome->peak_memory_bytes > 0)
        json_member_uint(json, "peak_memory", outcome->peak_memory_bytes);
    else
        json_member_text(json, "peak_memory", NULL);
}

void answer_put_head(struct json_out *json, const struct transcript *transcript)
{
    char id[ANSWER_ID_BYTES];
    json_member_text(json, "id", answer_id(transcript, id));
    json_member_text(json, "status", answer_status(transcript));
}

struct problem answer_problem(const struct transcript *transcript, struct error *why)
{
    const struct session_note *session = &transcript->session;
    *why = transcript_refusal(transcript);
    struct problem problem = problem_of_error(why, transcript->retry_ms);
    if (why->kind == ERR_SESSION_GONE && session->state == SESSION_GONE)
        problem.reason = session_reason_name(session->reason);
    if (why->kind == ERR_SESSION_BUSY && session->running[0])
        problem.running = session->running;
    return problem;
}

void answer_put_moment(struct json_out *json, const char *name, uint64_t wall_ms)
{
    char text[TIMESTAMP_BYTES];
    json_member_text(json, name, wall_ms ? timestamp_format(text, wall_ms) : NULL);
}

static void put_session(struct json_out *json, const struct session_note *session)
{
    if (session->name[0] == '\0')
        return;
    json_key(json, "session");
    json_open(json, '{');
    json_member_text(json, "id", session->name);
    json_member_text(json, "state", session_state_name(session->state));
    if (session->state == SESSION_GONE)
        json_member_text(json, "reason", session_reason_name(session->reason));
    answer_put_moment(json, "expires_at", session->expires_ms);
    answer_put_moment(json, "idle_expires_at", session->idle_expires_ms);
    json_member_uint(json, "generation", session->generation);
    json_member_bool(json, "state_lost", session->is_state_lost);
    json_member_bool(json, "interrupted", session->was_interrupted);
    json_member_uint(json, "dropped_bytes", session->dropped_bytes);
    json_close(json, '}');
}

void answer_put_fields(struct json_out *json, const struct transcript *transcript)
{
    const struct outcome *outcome = &transcript->outcome;
    struct answer_stream out = answer_stream(transcript, WIRE_STDOUT);
    struct answer_stream err = answer_stream(transcript, WIRE_STDERR);
    bool is_cut =
        transcript_is_cut(transcript, WIRE_STDOUT) || transcript_is_cut(transcript, WIRE_STDERR);
    char text[ANSWER_MESSAGE_BYTES];

    json_member_seconds(json, "execution_time", outcome->wall_ns);
    put_end(json, outcome);
    json_member_text(json, "reason", reason_of(transcript, is_cut));
    json_member_text(json, "message", answer_message(transcript, text));
    json_member_uint(json, "stdout_bytes", out.total_bytes);
    json_member_uint(json, "stderr_bytes", err.total_bytes);
    json_member_bool(json, "stdout_truncated", out.truncated);
    json_member_bool(json, "stderr_truncated", err.truncated);
    put_usage(json, outcome);
    json_member_seconds(json, "queue_time", transcript->queue_ns);
    json_member_text(json, "start", answer_start(transcript));
    put_session(json, &transcript->session);
}

void answer_put_summary(struct json_out *json, const struct transcript *transcript)
{
    char text[ANSWER_MESSAGE_BYTES];
    bool is_short = transcript->is_short;
    summary_put(&transcript->summary, json);
    json_member_text(json, "reason", reason_of(transcript, is_short));
    json_member_text(json, "message", answer_message(transcript, text));
    json_member_seconds(json, "execution_time", transcript->outcome.wall_ns);
    json_member_seconds(json, "queue_time", transcript->queue_ns);
    json_member_text(json, "start", answer_start(transcript));
}
