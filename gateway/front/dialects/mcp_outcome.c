#include "front/dialects/mcp_outcome.h"

#include <stdio.h>
#include <string.h>

#include "front/dialects/mcp_answer.h"

#define REMARK_MAX_BYTES ((size_t)4096)
#define FILES_NAMED 20
#define FILE_SHOWN_BYTES 120

/* ---- its parts ---- */

enum part {
    PART_BEFORE = RENDERING_OWN_PARTS,
    PART_STDOUT,
    PART_STDERR,
    PART_REMARK,
    PART_DISPLAYS,
    PART_DISPLAY,
    PART_DISPLAY_TAIL,
    PART_STRUCTURED,
    PART_IS_ERROR,
    PART_AFTER,
};

static rendering_form put_part;

struct rendering mcp_outcome_begin(const struct mcp_frame *frame,
                                   const struct transcript *transcript)
{
    return rendering_in_form(transcript, put_part, PART_BEFORE, frame);
}

static struct bytes shown(const struct rendering *rendering, enum wire_stream number)
{
    return answer_stream(rendering->transcript, number).shown;
}

/* Open a text block for this stream, if it has output. The next part closes the block. */
static void open_stream(struct rendering *rendering, struct json_out *json, enum wire_stream number,
                        const char *heading)
{
    struct bytes text = shown(rendering, number);
    if (text.len == 0)
        return;
    json_open(json, '{');
    json_member_text(json, "type", "text");
    json_key(json, "text");
    json_open_string(json);
    json->ok = json->ok && buf_append_string(json->out, heading);
    rendering_begin_string(rendering, text, false);
}

static void close_stream(const struct rendering *rendering, struct json_out *json,
                         enum wire_stream number)
{
    if (shown(rendering, number).len == 0)
        return;
    json_close_string(json);
    json_close(json, '}');
}

/* ---- the remark: tells a model how the program ended, and what it can do about it ---- */

static void describe_end(struct buf *text, const struct transcript *transcript)
{
    char name[ANSWER_SIGNAL_BYTES];
    const struct outcome *outcome = &transcript->outcome;
    const char *subject = transcript->session.name[0] ? "code" : "program";
    if (transcript->state == TRANSCRIPT_REFUSED)
        buf_append_string(text, "The program did not run. ");
    else if (transcript->is_canceled)
        buf_append_string(text, "The run was canceled. ");
    else if (outcome->verdict == VERDICT_EXITED && outcome->exit_code != 0)
        buf_printf(text, "The %s ended with exit code %d. ", subject, outcome->exit_code);
    else if (outcome->verdict == VERDICT_SIGNALED)
        buf_printf(text, "The %s was ended by the signal %s. ", subject,
                   answer_signal(outcome->signal, name));
}

/* A model relies on the session's state, so it must hear of a loss. */
static void describe_session(struct buf *text, const struct session_note *session)
{
    if (session->name[0] == '\0')
        return;
    if (session->state == SESSION_GONE)
        buf_printf(text,
                   "The session has ended (%s), and its variables and files are lost. Open a new "
                   "one with session_open. ",
                   session_reason_name(session->reason));
    else if (session->is_state_lost)
        buf_append_string(text, "The session's state was lost: imports and variables must be made "
                                "again. Its files are still there. ");
    else if (session->was_interrupted)
        buf_append_string(text, "The code was interrupted. The session has kept its variables. ");
}

static const char *advice(const struct transcript *transcript)
{
    if (transcript->state == TRANSCRIPT_REFUSED || transcript->is_canceled)
        return "";
    switch (transcript->outcome.verdict) {
    case VERDICT_TIMEOUT:
        return "Let the program do less, or give it a larger timeout. ";
    case VERDICT_CPU_TIME:
        return "Let the program do less. ";
    case VERDICT_OOM:
        return "Let the program hold less in memory. ";
    case VERDICT_LOST:
        return transcript->session.state == SESSION_GONE ? "" : "Call again. ";
    case VERDICT_EXITED:
    case VERDICT_SIGNALED:
        break;
    }
    bool is_cut =
        transcript_is_cut(transcript, WIRE_STDOUT) || transcript_is_cut(transcript, WIRE_STDERR);
    return is_cut ? "Let the program print less. " : "";
}

static void name_files(struct buf *text, const struct transcript *transcript)
{
    size_t count = 0;
    for (const struct exhibit *each = transcript->exhibits; each; each = each->next) {
        char path[FILE_SHOWN_BYTES];
        if (each->type != WIRE_FILE || ++count > FILES_NAMED)
            continue;
        bytes_copy_ends(path, sizeof path, each->artifact.path);
        buf_printf(text, "%s%s (%llu bytes)", count == 1 ? "Files: " : ", ", path,
                   (unsigned long long)each->artifact.size_bytes);
    }
    if (count > FILES_NAMED)
        buf_printf(text, " and %zu more", count - FILES_NAMED);
    if (count > 0)
        buf_append_string(text, ". ");
}

/* Append the answer's message, and a full stop if it has none. */
static void add_message(struct buf *text, const struct transcript *transcript)
{
    char room[ANSWER_MESSAGE_BYTES];
    const char *message = answer_message(transcript, room);
    size_t len = message ? strlen(message) : 0;
    if (len == 0)
        return;
    buf_append_string(text, message);
    buf_append_string(text, message[len - 1] == '.' ? " " : ". ");
    if (transcript->state == TRANSCRIPT_REFUSED && transcript->retry_ms > 0)
        buf_printf(text, "Call again in %u seconds. ", problem_seconds(transcript->retry_ms));
}

static void put_remark(const struct rendering *rendering, struct json_out *json)
{
    struct buf text;
    const struct transcript *transcript = rendering->transcript;
    buf_init(&text, REMARK_MAX_BYTES);
    describe_end(&text, transcript);
    add_message(&text, transcript);
    buf_append_string(&text, advice(transcript));
    describe_session(&text, &transcript->session);
    name_files(&text, transcript);
    if (text.len == 0 && shown(rendering, WIRE_STDOUT).len == 0 &&
        shown(rendering, WIRE_STDERR).len == 0 && !transcript->exhibits)
        buf_append_string(&text, "The program ended without output. Print what you want to see. ");
    if (text.len > 0) {
        buf_truncate(&text, text.len - 1);
        mcp_answer_put_text(json, buf_bytes(&text));
    }
    buf_release(&text);
}

/* ---- displays ---- */

static bool is_image(const struct exhibit *exhibit)
{
    return mcp_answer_is_image(exhibit->artifact.media_type);
}

static void put_unseen(const struct exhibit *exhibit, struct json_out *json)
{
    char text[256], type[FILE_SHOWN_BYTES];
    bytes_copy_cut(type, sizeof type, exhibit->artifact.media_type);
    snprintf(text, sizeof text, "A display of the type %s, with %zu bytes, cannot be shown.", type,
             exhibit->artifact.content.len);
    mcp_answer_put_text(json, bytes_of_string(text));
}

/* How well does a model see it? */
static int rank(const struct exhibit *exhibit)
{
    if (is_image(exhibit))
        return 3;
    return bytes_equal_string(exhibit->artifact.media_type, "text/plain") ? 2 : 1;
}

static bool is_form_of(const struct exhibit *exhibit, const struct exhibit *other)
{
    return exhibit->type == WIRE_DISPLAY && exhibit->artifact.number > 0 &&
           exhibit->artifact.number == other->artifact.number;
}

/* The forms of a display of a cell follow each other. Returns the one that a model sees best. */
static struct exhibit *best_form(struct exhibit *first)
{
    struct exhibit *best = first;
    for (struct exhibit *each = first->next; each && is_form_of(each, first); each = each->next) {
        if (rank(each) > rank(best))
            best = each;
    }
    return best;
}

/* Move on to the next display, after all forms of this one. */
static void pass_display(struct rendering *rendering)
{
    const struct exhibit *passed = rendering->exhibit;
    do
        rendering->exhibit = rendering->exhibit->next;
    while (rendering->exhibit && is_form_of(rendering->exhibit, passed));
    rendering->part = PART_DISPLAYS;
}

/* Choose the next display. Returns the cost. */
static size_t choose_display(struct rendering *rendering)
{
    struct exhibit *exhibit = rendering->exhibit;
    while (exhibit && exhibit->type != WIRE_DISPLAY)
        exhibit = exhibit->next;
    rendering->exhibit = exhibit ? best_form(exhibit) : NULL;
    rendering->part = exhibit ? PART_DISPLAY : PART_STRUCTURED;
    return RENDERING_PART_COST_BYTES;
}

/* Open the block of the display that was chosen. Returns the cost. */
static size_t open_display(struct rendering *rendering, struct json_out *json, size_t most)
{
    struct exhibit *exhibit = rendering->exhibit;
    bool image = is_image(exhibit);
    size_t checked = image ? 0 : exhibit_check(exhibit, most);
    if (checked > 0)
        return checked;
    if (!image && exhibit->is_base64) {
        put_unseen(exhibit, json);
        pass_display(rendering);
        return RENDERING_PART_COST_BYTES;
    }
    json_open(json, '{');
    json_member_text(json, "type", image ? "image" : "text");
    json_key(json, image ? "data" : "text");
    json_open_string(json);
    rendering_begin_string(rendering, image ? exhibit->artifact.content : exhibit_content(exhibit),
                           image);
    rendering->part = PART_DISPLAY_TAIL;
    return RENDERING_PART_COST_BYTES;
}

static void close_display(struct rendering *rendering, struct json_out *json)
{
    const struct exhibit *exhibit = rendering->exhibit;
    json_close_string(json);
    if (is_image(exhibit)) {
        json_key(json, "mimeType");
        json_put_string(json, exhibit->artifact.media_type.data, exhibit->artifact.media_type.len);
    }
    json_close(json, '}');
    pass_display(rendering);
}

/* ---- the form ---- */

/* Write the structured content, which is the answer of our own API. Plots are in the content
 * already. */
static size_t put_structured(struct rendering *rendering, struct json_out *json, size_t most)
{
    size_t cost = rendering_put_own_part(rendering, json, most);
    if (rendering->part == RENDERING_FINISHED)
        rendering->part = PART_IS_ERROR;
    return cost;
}

static size_t put_part(struct rendering *rendering, struct json_out *json, size_t most)
{
    const struct mcp_frame *frame = rendering->arg;
    if (rendering->part < RENDERING_OWN_PARTS)
        return put_structured(rendering, json, most);
    switch ((enum part)rendering->part) {
    case PART_BEFORE:
        return mcp_frame_put(rendering, json, frame->before, PART_STDOUT);
    case PART_STDOUT:
        json_key(json, "content");
        json_open(json, '[');
        open_stream(rendering, json, WIRE_STDOUT, "");
        rendering->part = PART_STDERR;
        break;
    case PART_STDERR:
        close_stream(rendering, json, WIRE_STDOUT);
        open_stream(rendering, json, WIRE_STDERR, "stderr:\\n");
        rendering->part = PART_REMARK;
        break;
    case PART_REMARK:
        close_stream(rendering, json, WIRE_STDERR);
        put_remark(rendering, json);
        rendering->part = PART_DISPLAYS;
        rendering->exhibit = rendering->transcript->exhibits;
        break;
    case PART_DISPLAYS:
        return choose_display(rendering);
    case PART_DISPLAY:
        return open_display(rendering, json, most);
    case PART_DISPLAY_TAIL:
        close_display(rendering, json);
        break;
    case PART_STRUCTURED:
        json_close(json, ']');
        json_key(json, "structuredContent");
        rendering->outlines_displays = true;
        rendering->part = RENDERING_HEAD;
        break;
    case PART_IS_ERROR:
        json_member_bool(json, "isError",
                         strcmp(answer_status(rendering->transcript), "success") != 0);
        rendering->part = PART_AFTER;
        break;
    case PART_AFTER:
        return mcp_frame_put(rendering, json, frame->after, RENDERING_FINISHED);
    }
    return RENDERING_PART_COST_BYTES;
}
