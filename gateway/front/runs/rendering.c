/* rendering.c - see rendering.h. There are two kinds of steps. A part writes a few members at once,
 * and may open a long string. A piece writes the next bytes of the open string.
 */
#include "front/runs/rendering.h"

#include <string.h>

#include "common/base64.h"
#include "common/escape.h"

/* A piece of a string is divisible by 3 bytes, so that base64 can be written piece by piece. */
#define PIECE_BYTES ((size_t)3 << 10)

_Static_assert(ESCAPE_ROOM(PIECE_BYTES) <= RENDERING_EXCESS_BYTES,
               "a piece fits behind a full slice");

struct rendering rendering_of_answer(const struct transcript *transcript)
{
    struct rendering rendering =
        rendering_in_form(transcript, rendering_put_own_part, RENDERING_HEAD, NULL);
    if (transcript->summary.tests_count > 0) {
        rendering.part = RENDERING_SUMMARY;
        rendering.is_of_reports = true;
        rendering.report = transcript->by_index;
    }
    return rendering;
}

struct rendering rendering_in_form(const struct transcript *transcript, rendering_form *form,
                                   unsigned part, const void *arg)
{
    return (struct rendering){.put_part = form, .arg = arg, .transcript = transcript, .part = part};
}

struct rendering rendering_of_exhibit(struct exhibit *exhibit)
{
    return (struct rendering){.put_part = rendering_put_own_part,
                              .part = RENDERING_EXHIBITS,
                              .list = exhibit->type,
                              .exhibit = exhibit};
}

struct rendering rendering_of_report(const struct report *report)
{
    return (struct rendering){
        .put_part = rendering_put_own_part, .part = RENDERING_REPORTS, .report = report};
}

/* ---- parts ---- */

void rendering_begin_string(struct rendering *rendering, struct bytes string, bool is_base64)
{
    rendering->is_in_string = true;
    rendering->string = string;
    rendering->is_base64 = is_base64;
}

static void begin_stream(struct rendering *rendering, struct json_out *json, const char *name,
                         enum wire_stream number)
{
    const struct transcript *transcript = rendering->transcript;
    json_key(json, name);
    json_open_string(json);
    rendering_begin_string(rendering, answer_stream(transcript, number).shown,
                           transcript->output_encoding == OUTPUT_BASE64);
}

static void begin_list(struct rendering *rendering, struct json_out *json, enum wire_type type)
{
    json_key(json, type == WIRE_FILE ? "files" : "displays");
    json_open(json, '[');
    rendering->part = RENDERING_EXHIBITS;
    rendering->list = type;
    rendering->exhibit = rendering->transcript->exhibits;
}

/* The report was written: move on to the next. */
static void next_report(struct rendering *rendering)
{
    rendering->report = rendering->is_of_reports ? rendering->report->by_index : NULL;
    rendering->part = rendering->is_of_reports ? RENDERING_REPORTS : RENDERING_FINISHED;
}

static void put_summary(struct rendering *rendering, struct json_out *json)
{
    json_open(json, '{');
    answer_put_head(json, rendering->transcript);
    answer_put_summary(json, rendering->transcript);
    json_key(json, "tests");
    json_open(json, '[');
    rendering->part = RENDERING_REPORTS;
}

static void put_run(struct rendering *rendering, struct json_out *json,
                    const struct transcript *run)
{
    rendering->transcript = run;
    answer_put_head(json, run);
    begin_stream(rendering, json, "stdout", WIRE_STDOUT);
    rendering->part = RENDERING_STDERR;
}

static void put_report(struct rendering *rendering, struct json_out *json)
{
    const struct report *report = rendering->report;
    if (!report) {
        json_close(json, ']');
        json_close(json, '}');
        rendering->part = RENDERING_FINISHED;
        return;
    }
    json_open(json, '{');
    report_put(report, json);
    if (report->transcript) {
        put_run(rendering, json, report->transcript);
        return;
    }
    json_close(json, '}');
    next_report(rendering);
}

static void end_list(struct rendering *rendering, struct json_out *json)
{
    json_close(json, ']');
    if (rendering->list == WIRE_FILE) {
        begin_list(rendering, json, WIRE_DISPLAY);
        return;
    }
    json_close(json, '}');
    if (rendering->report)
        next_report(rendering);
    else
        rendering->part = RENDERING_FINISHED;
}

/* Remove the next of several texts, each of which ends with a NUL. */
static struct bytes take_text(struct bytes *texts)
{
    const uint8_t *nul = memchr(texts->data, 0, texts->len);
    size_t len = nul ? (size_t)(nul - texts->data) : texts->len;
    struct bytes text = bytes_of(texts->data, len);
    size_t used = nul ? len + 1 : len;
    *texts = bytes_of(texts->data + used, texts->len - used);
    return text;
}

static void begin_error(struct rendering *rendering, struct json_out *json)
{
    rendering->error = buf_bytes(&rendering->transcript->error);
    rendering->texts_count = 0;
    json_key(json, "error");
    if (rendering->error.len == 0) {
        json_put_null(json);
        begin_list(rendering, json, WIRE_FILE);
        return;
    }
    json_open(json, '{');
    rendering->part = RENDERING_ERROR;
}

/* Write the exception's name, value and traceback. A program may have sent fewer texts. */
static void put_error(struct rendering *rendering, struct json_out *json)
{
    static const char *const names[] = {"name", "value", "traceback"};
    unsigned at = rendering->texts_count;
    if (at > 0)
        json_close_string(json);
    if (at <= 2)
        json_key(json, names[at]);
    if (at == 2)
        json_open(json, '[');
    if (at >= 2 && rendering->error.len == 0) {
        json_close(json, ']');
        json_close(json, '}');
        begin_list(rendering, json, WIRE_FILE);
        return;
    }
    json_open_string(json);
    rendering_begin_string(rendering, take_text(&rendering->error), false);
    rendering->texts_count++;
}

/* Write the next step of the exhibits of one type, in the order of arrival. Returns its cost. */
static size_t put_exhibit(struct rendering *rendering, struct json_out *json, size_t most)
{
    struct exhibit *exhibit = rendering->exhibit;
    while (exhibit && exhibit->type != rendering->list)
        exhibit = exhibit->next;
    rendering->exhibit = exhibit;
    if (!exhibit) {
        end_list(rendering, json);
        return RENDERING_PART_COST_BYTES;
    }
    if (rendering->outlines_displays && exhibit->type == WIRE_DISPLAY) {
        exhibit_put_outline(exhibit, json);
        rendering->exhibit = exhibit->next;
        return RENDERING_PART_COST_BYTES;
    }
    size_t checked = exhibit_check(exhibit, most);
    if (checked > 0)
        return checked;
    exhibit_put_head(exhibit, json);
    rendering_begin_string(rendering, exhibit_content(exhibit), exhibit->is_base64);
    rendering->part = RENDERING_TAIL;
    return RENDERING_PART_COST_BYTES + exhibit->artifact.path.len;
}

static void put_tail(struct rendering *rendering, struct json_out *json)
{
    exhibit_put_tail(rendering->exhibit, json);
    rendering->exhibit = rendering->exhibit->next;
    rendering->part = rendering->transcript ? RENDERING_EXHIBITS : RENDERING_FINISHED;
}

/* Returns the part's cost: how many bytes it has read. */
size_t rendering_put_own_part(struct rendering *rendering, struct json_out *json, size_t most)
{
    switch ((enum rendering_part)rendering->part) {
    case RENDERING_FINISHED:
    case RENDERING_OWN_PARTS:
        break;
    case RENDERING_HEAD:
        json_open(json, '{');
        put_run(rendering, json, rendering->transcript);
        break;
    case RENDERING_STDERR:
        json_close_string(json);
        begin_stream(rendering, json, "stderr", WIRE_STDERR);
        rendering->part = RENDERING_FIELDS;
        break;
    case RENDERING_FIELDS:
        json_close_string(json);
        answer_put_fields(json, rendering->transcript);
        if (rendering->transcript->is_cell)
            begin_error(rendering, json);
        else
            begin_list(rendering, json, WIRE_FILE);
        break;
    case RENDERING_ERROR:
        put_error(rendering, json);
        break;
    case RENDERING_EXHIBITS:
        return put_exhibit(rendering, json, most);
    case RENDERING_TAIL:
        put_tail(rendering, json);
        break;
    case RENDERING_SUMMARY:
        put_summary(rendering, json);
        break;
    case RENDERING_REPORTS:
        put_report(rendering, json);
        break;
    }
    return RENDERING_PART_COST_BYTES;
}

/* ---- strings ---- */

static void take(struct rendering *rendering, size_t used)
{
    struct bytes *string = &rendering->string;
    *string = bytes_of(string->data + used, string->len - used);
}

/* Append the next piece of the open string. */
static bool put_piece(struct rendering *rendering, struct buf *out, size_t *used)
{
    struct bytes string = rendering->string;
    size_t put, piece = string.len < PIECE_BYTES ? string.len : PIECE_BYTES;
    if (rendering->is_base64) {
        *used = piece;
        return base64_encode(out, string.data, piece);
    }
    uint8_t *room = buf_reserve(out, ESCAPE_ROOM(piece));
    if (!room)
        return false;
    *used = escape_put(string.data, string.len, piece, room, &put);
    buf_commit(out, put);
    return true;
}

/* Count up to `most` bytes of the string. The length of base64 is known without counting. */
static size_t measure_piece(const struct rendering *rendering, size_t most, uint64_t *length)
{
    struct bytes string = rendering->string;
    size_t put;
    if (rendering->is_base64) {
        *length += base64_size(string.len);
        return string.len;
    }
    size_t used = escape_count(string.data, string.len, most, &put);
    *length += put;
    return used;
}

/* ---- steps ---- */

/* Write the next part. */
static bool step(struct rendering *rendering, struct buf *out, size_t most, size_t *used)
{
    struct json_out json = {.out = out, .ok = true, .comma = rendering->comma};
    *used = rendering->put_part(rendering, &json, most);
    rendering->comma = json.comma;
    return json.ok;
}

static size_t less(size_t slice, size_t used)
{
    return used < slice ? slice - used : 0;
}

bool rendering_write(struct rendering *rendering, struct buf *out)
{
    size_t slice = RENDERING_SLICE_BYTES, used;
    while (slice > 0 && out->len < RENDERING_FULL_BYTES && !rendering_is_finished(rendering)) {
        if (rendering->is_in_string && rendering->string.len > 0) {
            if (!put_piece(rendering, out, &used))
                return false;
            take(rendering, used);
        } else {
            rendering->is_in_string = false;
            if (!step(rendering, out, slice, &used))
                return false;
        }
        slice = less(slice, used);
    }
    return true;
}

bool rendering_measure(struct rendering *rendering, struct buf *room, uint64_t *length)
{
    size_t slice = RENDERING_SLICE_BYTES, used;
    while (slice > 0 && !rendering_is_finished(rendering)) {
        if (rendering->is_in_string && rendering->string.len > 0) {
            used = measure_piece(rendering, slice, length);
            take(rendering, used);
        } else {
            rendering->is_in_string = false;
            if (!step(rendering, room, slice, &used))
                return false;
            *length += room->len;
            buf_truncate(room, 0);
        }
        slice = less(slice, used);
    }
    return true;
}
