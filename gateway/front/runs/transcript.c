/* One subject of more than 400 lines: the log's format, its writers and its readers.
 *
 * See transcript.h. The log encodes entries in few bytes, so that a program that writes byte by
 * byte costs one byte for each entry. An entry is a number: its low three bits are the kind, the
 * others the length of the output. It is stored seven bits to a byte, low bits first, with the top
 * bit set while more bytes follow. QUEUED and END are not stored: every transcript begins with
 * QUEUED, and `state` says whether it has END. The position of every MARK_EVERYth entry is stored,
 * to make seeks fast.
 */
#include "front/runs/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "common/quota.h"
#include "common/utf8.h"

#define KIND_BITS 3
#define LOG_ENTRY_MAX_BYTES 3 /* enough for KIND_BITS and the length of a piece */
#define MARK_EVERY 1024
#define LOG_OTHERS_MAX_BYTES 2048 /* for STARTED, EXHIBITs, REPORTs, and the streams' last pieces */

_Static_assert(TRANSCRIPT_PIECE_BYTES << KIND_BITS < 1 << 7 * LOG_ENTRY_MAX_BYTES, "a piece fits");
_Static_assert(2 * QUOTA_ARTIFACTS_MAX + REPORTS_MAX + 8 * LOG_ENTRY_MAX_BYTES <=
                   LOG_OTHERS_MAX_BYTES,
               "room");

/* ---- the log ---- */

/* Store the position of every MARK_EVERYth entry. If memory is out, seeks start from an earlier
 * position. */
static void mark(struct transcript *transcript)
{
    if (transcript->end.number % MARK_EVERY == 0)
        buf_append(&transcript->marks, &transcript->end, sizeof transcript->end);
}

/* Append an entry. `exhibit` is NULL unless kind is SAID_EXHIBIT. For SAID_REPORT it is the last
 * report. */
static bool log_put(struct transcript *transcript, enum said_kind kind, size_t len,
                    struct exhibit *exhibit)
{
    struct transcript_cursor *end = &transcript->end;
    uint8_t bytes[LOG_ENTRY_MAX_BYTES];
    size_t count = 0;
    size_t number = len << KIND_BITS | kind;
    for (; number > 0x7F; number >>= 7)
        bytes[count++] = (uint8_t)(number | 0x80);
    bytes[count++] = (uint8_t)number;
    if (!buf_append(&transcript->log, bytes, count))
        return false;
    end->number++;
    end->log_at += count;
    end->out_at += kind == SAID_STDOUT ? len : 0;
    end->err_at += kind == SAID_STDERR ? len : 0;
    end->exhibit = exhibit ? exhibit : end->exhibit;
    end->report = kind == SAID_REPORT ? transcript->last_report : end->report;
    mark(transcript);
    return true;
}

/* Read the entry at *at, which must be before the log's end, and move *at behind it. */
static enum said_kind log_take(struct bytes log, size_t *at, size_t *len)
{
    size_t number = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = log.data[(*at)++];
        number |= (size_t)(byte & 0x7F) << shift;
        shift += 7;
    } while (byte & 0x80);
    *len = number >> KIND_BITS;
    return (enum said_kind)(number & ((1 << KIND_BITS) - 1));
}

/* ---- writing ---- */

void transcript_init(struct transcript *transcript, const struct job *job,
                     enum output_encoding encoding)
{
    *transcript = (struct transcript){
        .output_encoding = encoding,
        .timeout_ms = job->timeout_ms,
        .cpu_time_ms = job->cpu_time_ms,
        .memory_bytes = job->limits.memory_bytes,
        .pids = job->limits.pids,
        .line_buffered = job->line_buffered,
        .is_cell = job->is_cell,
        .output_bytes = job->output_bytes,
        .end = {.number = 1},
    };
    buf_init(&transcript->out.kept, job->output_bytes);
    buf_init(&transcript->err.kept, job->output_bytes);
    buf_init(&transcript->error, ARTIFACT_ERROR_MAX_BYTES);
    size_t log_bytes = 2 * job->output_bytes + LOG_OTHERS_MAX_BYTES;
    buf_init(&transcript->log, log_bytes);
    buf_init(&transcript->marks, (log_bytes / MARK_EVERY + 1) * sizeof transcript->end);
}

static void free_reports(struct report *first)
{
    struct report *next;
    for (; first; first = next) {
        next = first->by_index;
        if (first->transcript)
            transcript_release(first->transcript);
        free(first->transcript);
        free(first);
    }
}

void transcript_release(struct transcript *transcript)
{
    free_reports(transcript->by_index);
    transcript->reports = transcript->last_report = transcript->by_index = NULL;
    transcript->reports_bytes = 0;
    buf_release(&transcript->out.kept);
    buf_release(&transcript->err.kept);
    buf_release(&transcript->error);
    buf_release(&transcript->log);
    buf_release(&transcript->marks);
    free(transcript->refusal_text);
    transcript->refusal_text = NULL;
    exhibit_free_all(transcript->exhibits);
    transcript->exhibits = transcript->last_exhibit = NULL;
    transcript->exhibits_bytes = 0;
    transcript->out.told_bytes = transcript->err.told_bytes = 0;
    transcript->end = (struct transcript_cursor){.number = 1};
}

void transcript_pair(struct transcript *transcript, uint64_t queue_ns, enum start start)
{
    transcript->has_box = true;
    transcript->queue_ns = queue_ns;
    transcript->start = start;
}

void transcript_start(struct transcript *transcript, bool cold)
{
    if (cold)
        transcript->start = start_without_template(transcript->start);
    transcript->has_box = transcript->has_started = true;
    log_put(transcript, SAID_STARTED, 0, NULL);
}

/* Returns how many bytes can become an entry now, while more may follow: whole characters, at most
 * one piece.
 */
static size_t piece_of(const struct transcript *transcript, struct bytes rest)
{
    size_t len = rest.len < TRANSCRIPT_PIECE_BYTES ? rest.len : TRANSCRIPT_PIECE_BYTES;
    return transcript->output_encoding == OUTPUT_UTF8 ? utf8_cut(rest.data, len) : len;
}

static struct bytes untold(const struct transcript_stream *stream)
{
    struct bytes kept = buf_bytes(&stream->kept);
    if (kept.len == stream->told_bytes)
        return (struct bytes){0};
    return bytes_of(kept.data + stream->told_bytes, kept.len - stream->told_bytes);
}

static void tell(struct transcript *transcript, struct transcript_stream *stream,
                 enum said_kind kind)
{
    for (;;) {
        size_t len = piece_of(transcript, untold(stream));
        if (len == 0 || !log_put(transcript, kind, len, NULL))
            return;
        stream->told_bytes += len;
    }
}

/* At the end, list the bytes of an incomplete character too. If the stream was cut, leave them out,
 * as the answer does. */
static void tell_rest(struct transcript *transcript, enum wire_stream wire_stream)
{
    bool is_out = wire_stream == WIRE_STDOUT;
    enum said_kind kind = is_out ? SAID_STDOUT : SAID_STDERR;
    struct transcript_stream *stream = is_out ? &transcript->out : &transcript->err;
    tell(transcript, stream, kind);
    size_t len = untold(stream).len;
    if (len > 0 && len < TRANSCRIPT_PIECE_BYTES && !transcript_is_cut(transcript, wire_stream) &&
        log_put(transcript, kind, len, NULL))
        stream->told_bytes += len;
}

void transcript_add_output(struct transcript *transcript, enum wire_stream wire_stream,
                           struct bytes data)
{
    bool is_out = wire_stream == WIRE_STDOUT;
    struct transcript_stream *stream = is_out ? &transcript->out : &transcript->err;
    if (data.len == 0 || stream->is_short)
        return;
    if (buf_append(&stream->kept, data.data, data.len))
        tell(transcript, stream, is_out ? SAID_STDOUT : SAID_STDERR);
    else
        transcript_leave_out_output(transcript, wire_stream);
}

void transcript_leave_out_output(struct transcript *transcript, enum wire_stream stream)
{
    transcript->is_short = true;
    (stream == WIRE_STDOUT ? &transcript->out : &transcript->err)->is_short = true;
}

void transcript_leave_out_artifact(struct transcript *transcript, enum wire_type type)
{
    transcript->is_short = true;
    transcript->left_out_files_count += type == WIRE_FILE;
}

void transcript_add_artifact(struct transcript *transcript, enum wire_type type,
                             const struct artifact *artifact)
{
    struct exhibit *exhibit = exhibit_new(type, artifact);
    if (!exhibit || !log_put(transcript, SAID_EXHIBIT, 0, exhibit)) {
        exhibit_free_all(exhibit);
        transcript_leave_out_artifact(transcript, type);
        return;
    }
    transcript->exhibits_bytes += exhibit_bytes(exhibit);
    if (transcript->last_exhibit)
        transcript->last_exhibit->next = exhibit;
    else
        transcript->exhibits = exhibit;
    transcript->last_exhibit = exhibit;
    transcript->cut_files_count += type == WIRE_FILE && artifact_is_cut(artifact);
}

/* Insert a report by its index. Most come nearly in the order of their tests. */
static void enter_by_index(struct transcript *transcript, struct report *report)
{
    struct report **place = &transcript->by_index;
    if (transcript->last_report && transcript->last_report->index < report->index)
        place = &transcript->last_report->by_index;
    while (*place && (*place)->index < report->index)
        place = &(*place)->by_index;
    report->by_index = *place;
    *place = report;
}

void transcript_add_report(struct transcript *transcript, struct report *report)
{
    const struct transcript *run = report->transcript;
    const struct outcome *outcome = run ? &run->outcome : NULL;
    summary_add(&transcript->summary, report, outcome ? outcome->wall_ns : 0,
                outcome ? outcome->peak_memory_bytes : 0);
    transcript->reports_bytes += report->bytes + (run ? transcript_bytes(run) : 0);
    enter_by_index(transcript, report);
    struct report *before = transcript->last_report;
    transcript->last_report = report;
    if (log_put(transcript, SAID_REPORT, 0, NULL))
        *(before ? &before->next : &transcript->reports) = report;
    else
        transcript->last_report = before;
}

void transcript_set_error(struct transcript *transcript, struct bytes error)
{
    buf_truncate(&transcript->error, 0);
    if (error.len > 0 && !buf_append(&transcript->error, error.data, error.len))
        transcript->is_short = true;
}

void transcript_end(struct transcript *transcript, const struct outcome *outcome)
{
    transcript->outcome = *outcome;
    transcript->state = TRANSCRIPT_ENDED;
    tell_rest(transcript, WIRE_STDOUT);
    tell_rest(transcript, WIRE_STDERR);
}

void transcript_refuse(struct transcript *transcript, const struct error *why, uint32_t retry_ms)
{
    transcript->refusal_kind = why->kind;
    transcript->refusal_text = strdup(why->text);
    transcript->retry_ms = retry_ms;
    transcript->state = TRANSCRIPT_REFUSED;
}

void transcript_cancel(struct transcript *transcript, uint64_t wall_ns)
{
    transcript->is_canceled = true;
    transcript_end(transcript, &(struct outcome){
                                   .verdict = VERDICT_LOST,
                                   .wall_ns = wall_ns,
                                   .text = "The execution was canceled",
                               });
}

bool transcript_is_cut(const struct transcript *transcript, enum wire_stream wire_stream)
{
    bool is_out = wire_stream == WIRE_STDOUT;
    const struct outcome *outcome = &transcript->outcome;
    const struct transcript_stream *stream = is_out ? &transcript->out : &transcript->err;
    uint64_t total_bytes = is_out ? outcome->out.total_bytes : outcome->err.total_bytes;
    return stream->is_short || total_bytes > stream->kept.len + stream->dropped_bytes;
}

static void shorten(struct transcript_stream *stream, size_t most_bytes)
{
    if (stream->kept.len > most_bytes) {
        stream->dropped_bytes += stream->kept.len - most_bytes;
        buf_truncate(&stream->kept, most_bytes);
    }
    buf_trim(&stream->kept);
    stream->told_bytes = 0;
}

void transcript_shorten(struct transcript *transcript, size_t most_bytes, bool keeps_exhibits)
{
    shorten(&transcript->out, most_bytes);
    shorten(&transcript->err, most_bytes);
    buf_release(&transcript->log);
    buf_release(&transcript->marks);
    transcript->end = (struct transcript_cursor){.number = 1};
    if (keeps_exhibits)
        return;
    exhibit_free_all(transcript->exhibits);
    transcript->exhibits = transcript->last_exhibit = NULL;
    transcript->exhibits_bytes = 0;
}

void transcript_move(struct transcript *from, struct transcript *to)
{
    *to = *from;
    *from = (struct transcript){.run_id = to->run_id, .state = to->state};
}

/* ---- reading ---- */

static struct bytes take_output(const struct transcript_stream *stream, size_t *at, size_t len)
{
    struct bytes piece = bytes_of(buf_bytes(&stream->kept).data + *at, len);
    *at += len;
    return piece;
}

static struct exhibit *next_exhibit(const struct transcript *transcript,
                                    const struct transcript_cursor *cursor)
{
    return cursor->exhibit ? cursor->exhibit->next : transcript->exhibits;
}

static struct report *next_report(const struct transcript *transcript,
                                  const struct transcript_cursor *cursor)
{
    return cursor->report ? cursor->report->next : transcript->reports;
}

static void read_log(const struct transcript *transcript, struct transcript_cursor *cursor,
                     struct said *said)
{
    size_t len;
    said->kind = log_take(buf_bytes(&transcript->log), &cursor->log_at, &len);
    if (said->kind == SAID_STDOUT)
        said->output = take_output(&transcript->out, &cursor->out_at, len);
    else if (said->kind == SAID_STDERR)
        said->output = take_output(&transcript->err, &cursor->err_at, len);
    else if (said->kind == SAID_EXHIBIT)
        said->exhibit = cursor->exhibit = next_exhibit(transcript, cursor);
    else if (said->kind == SAID_REPORT)
        said->report = cursor->report = next_report(transcript, cursor);
}

bool transcript_next(const struct transcript *transcript, struct transcript_cursor *cursor,
                     struct said *said)
{
    *said = (struct said){.kind = SAID_QUEUED};
    if (cursor->number > 0 && cursor->log_at < transcript->log.len) {
        read_log(transcript, cursor, said);
    } else if (cursor->number > 0) {
        if (transcript->state == TRANSCRIPT_UNFINISHED || cursor->is_at_end)
            return false;
        said->kind = SAID_END;
        cursor->is_at_end = true;
    }
    said->number = ++cursor->number;
    return true;
}

bool transcript_has_next(const struct transcript *transcript,
                         const struct transcript_cursor *cursor)
{
    return cursor->number == 0 || cursor->log_at < transcript->log.len ||
           (transcript->state != TRANSCRIPT_UNFINISHED && !cursor->is_at_end);
}

/* Returns the last stored position that is not after the entry. Some positions may be missing
 * because memory was out. */
static struct transcript_cursor mark_before(const struct transcript *transcript, uint64_t number)
{
    struct transcript_cursor cursor = {.number = 0};
    struct bytes marks = buf_bytes(&transcript->marks);
    size_t count = marks.len / sizeof cursor;
    if (count > number / MARK_EVERY)
        count = (size_t)(number / MARK_EVERY);
    for (; count > 0; count--) {
        memcpy(&cursor, marks.data + (count - 1) * sizeof cursor, sizeof cursor);
        if (cursor.number <= number)
            return cursor;
    }
    return (struct transcript_cursor){.number = 0};
}

bool transcript_seek(const struct transcript *transcript, uint64_t number,
                     struct transcript_cursor *cursor)
{
    struct said said;
    bool is_over = transcript->state != TRANSCRIPT_UNFINISHED;
    if (number > transcript->end.number + is_over)
        return false;
    *cursor = mark_before(transcript, number);
    while (cursor->number < number && transcript_next(transcript, cursor, &said))
        ;
    return true;
}

struct error transcript_refusal(const struct transcript *transcript)
{
    struct error why;
    error_set(&why, transcript->refusal_kind, "%s",
              transcript->refusal_text ? transcript->refusal_text : "");
    return why;
}

size_t transcript_bytes(const struct transcript *transcript)
{
    size_t refusal_bytes = transcript->refusal_text ? strlen(transcript->refusal_text) + 1 : 0;
    return sizeof *transcript + refusal_bytes + transcript->out.kept.capacity +
           transcript->err.kept.capacity + transcript->error.capacity + transcript->log.capacity +
           transcript->marks.capacity + transcript->exhibits_bytes + transcript->reports_bytes;
}
