#include "front/answer.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/utf8.h"

#define FIELDS_MAX_BYTES 4096 /* all but the streams and the exhibits */
#define ESCAPED_BYTES_MAX 6   /* "\u0000" */

struct stream {
    struct bytes shown;
    uint64_t total_bytes;
    bool truncated;
};

/* Cut output loses no whole character: its last one, when the cut went through it, is left out.
 * Base64 is exact. */
static struct stream stream_of(const struct transcript *transcript, enum wire_stream number)
{
    bool is_out = number == WIRE_STDOUT;
    struct bytes kept = buf_bytes(is_out ? &transcript->out.kept : &transcript->err.kept);
    const struct outcome *outcome = &transcript->outcome;
    struct stream stream = {
        .shown = kept,
        .total_bytes = is_out ? outcome->out.total_bytes : outcome->err.total_bytes,
        .truncated = transcript_is_cut(transcript, number),
    };
    /* The bytes that came are the truth where the witness was lost and could not count. */
    if (stream.total_bytes < kept.len)
        stream.total_bytes = kept.len;
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
        return "sandbox";
    case VERDICT_EXITED:
    case VERDICT_SIGNALED:
        break;
    }
    bool lacks_files = transcript->outcome.left_out_count > 0 || transcript->cut_files_count > 0;
    return truncated || lacks_files ? "output_limit" : NULL;
}

/* A sentence for people into text; NULL where the other fields say it all. */
static const char *message_of(const struct transcript *transcript, bool truncated, char *text,
                              size_t size)
{
    const struct outcome *outcome = &transcript->outcome;
    char number[24];
    if (transcript->state == TRANSCRIPT_REFUSED)
        return transcript->refusal.text;
    switch (outcome->verdict) {
    case VERDICT_TIMEOUT:
        snprintf(text, size, "Execution timed out after %s second%s",
                 format_millis(number, transcript->timeout_ms),
                 transcript->timeout_ms == 1000 ? "" : "s");
        return text;
    case VERDICT_CPU_TIME:
        snprintf(text, size, "The program used its limit of CPU time, %s second%s",
                 format_millis(number, transcript->cpu_time_ms),
                 transcript->cpu_time_ms == 1000 ? "" : "s");
        return text;
    case VERDICT_OOM:
        if (outcome->text[0])
            return outcome->text;
        snprintf(text, size, "The program needed more memory than its limit of %llu bytes",
                 (unsigned long long)transcript->memory_bytes);
        return text;
    case VERDICT_LOST:
        return outcome->text[0] ? outcome->text : "The run was lost after its start";
    case VERDICT_EXITED:
    case VERDICT_SIGNALED:
        break;
    }
    if (outcome->oom_kills > 0)
        snprintf(text, size, "The kernel ended %llu process%s of this run for lack of memory",
                 (unsigned long long)outcome->oom_kills, outcome->oom_kills == 1 ? "" : "es");
    else if (truncated)
        snprintf(text, size, "Output is cut at %llu bytes a stream",
                 (unsigned long long)transcript->output_bytes);
    else if (outcome->left_out_count > 0)
        snprintf(text, size, "Of the output files at least %llu could not be returned",
                 (unsigned long long)outcome->left_out_count);
    else if (transcript->cut_files_count > 0)
        snprintf(text, size, "Of the output files %zu had to be cut", transcript->cut_files_count);
    else
        return NULL;
    return text;
}

/* "SIGSEGV", as Python's signal module names it. */
static const char *signal_name(int number, char text[16])
{
    const char *abbreviation = sigabbrev_np(number);
    if (number == SIGIO) /* glibc says POLL */
        abbreviation = "IO";
    if (abbreviation)
        snprintf(text, 16, "SIG%s", abbreviation);
    else if (number == SIGRTMIN)
        snprintf(text, 16, "SIGRTMIN");
    else if (number == SIGRTMAX)
        snprintf(text, 16, "SIGRTMAX");
    else
        snprintf(text, 16, number > SIGRTMIN ? "SIGRTMIN+%d" : "%d",
                 number > SIGRTMIN ? number - SIGRTMIN : number);
    return text;
}

static void put_stream(struct json_out *json, const char *name, const struct stream *stream,
                       enum output_encoding encoding)
{
    json_key(json, name);
    if (encoding == OUTPUT_BASE64)
        json_put_base64(json, stream->shown.data, stream->shown.len);
    else
        json_put_string(json, stream->shown.data, stream->shown.len);
}

static void put_end(struct json_out *json, const struct outcome *outcome)
{
    char name[16];
    bool by_signal = outcome->verdict == VERDICT_SIGNALED || outcome->verdict == VERDICT_OOM;
    json_key(json, "return_code");
    if (outcome->verdict == VERDICT_EXITED)
        json_put_int(json, outcome->exit_code);
    else if (by_signal)
        json_put_int(json, -outcome->signal);
    else
        json_put_null(json);
    json_key(json, "signal");
    json_put_text(json, by_signal ? signal_name(outcome->signal, name) : NULL);
}

const char *answer_id(const struct transcript *transcript, char text[ANSWER_ID_BYTES])
{
    snprintf(text, ANSWER_ID_BYTES, "%016llx", (unsigned long long)transcript->run_id);
    return text;
}

const char *answer_start(const struct transcript *transcript)
{
    if (!transcript->has_box)
        return NULL;
    return transcript->warm ? "warm" : "cold";
}

/* The exhibits of one type, in the order in which they came. */
static void put_exhibits(struct json_out *json, const char *name, enum wire_type type,
                         const struct exhibit *exhibit)
{
    json_key(json, name);
    json_open(json, '[');
    for (; exhibit; exhibit = exhibit->next) {
        if (exhibit->type == type)
            json_put_json(json, buf_bytes(&exhibit->json));
    }
    json_close(json, ']');
}

/* What its box measured, null where the box had no say. An exit is told by none but the box: its
 * time may be 0. */
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

bool answer_write(struct buf *body, const struct transcript *transcript)
{
    const struct outcome *outcome = &transcript->outcome;
    struct stream out = stream_of(transcript, WIRE_STDOUT);
    struct stream err = stream_of(transcript, WIRE_STDERR);
    bool truncated = out.truncated || err.truncated;
    char id[ANSWER_ID_BYTES], text[160];

    size_t before = body->len;
    struct json_out json;
    json_begin(&json, body);
    json_open(&json, '{');
    json_member_text(&json, "id", answer_id(transcript, id));
    json_member_text(&json, "status", answer_status(transcript));
    put_stream(&json, "stdout", &out, transcript->output_encoding);
    put_stream(&json, "stderr", &err, transcript->output_encoding);
    json_member_seconds(&json, "execution_time", outcome->wall_ns);
    put_end(&json, outcome);
    json_member_text(&json, "reason", reason_of(transcript, truncated));
    json_member_text(&json, "message", message_of(transcript, truncated, text, sizeof text));
    json_member_uint(&json, "stdout_bytes", out.total_bytes);
    json_member_uint(&json, "stderr_bytes", err.total_bytes);
    json_member_bool(&json, "stdout_truncated", out.truncated);
    json_member_bool(&json, "stderr_truncated", err.truncated);
    put_usage(&json, outcome);
    json_member_seconds(&json, "queue_time", transcript->queue_ns);
    json_member_text(&json, "start", answer_start(transcript));
    put_exhibits(&json, "files", WIRE_FILE, transcript->exhibits);
    put_exhibits(&json, "displays", WIRE_DISPLAY, transcript->exhibits);
    json_close(&json, '}');
    if (!json.ok)
        buf_truncate(body, before);
    return json.ok;
}

size_t answer_max_bytes(const struct transcript *transcript)
{
    size_t bytes = FIELDS_MAX_BYTES;
    bytes += ESCAPED_BYTES_MAX * (transcript->out.kept.len + transcript->err.kept.len);
    for (const struct exhibit *exhibit = transcript->exhibits; exhibit; exhibit = exhibit->next)
        bytes += exhibit->json.len + 1;
    return bytes;
}
