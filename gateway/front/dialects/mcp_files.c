#include "front/dialects/mcp_files.h"

#include <stdio.h>

#include "front/api/session_movement.h"
#include "front/dialects/mcp_answer.h"

#define NAMES_MAX_BYTES ((size_t)16 << 10)
#define NAMED_COUNT 100
#define NAME_SHOWN_BYTES 120

enum part {
    PART_BEFORE_LIST = RENDERING_OWN_PARTS,
    PART_NAMES,
    PART_ENTRIES,
    PART_END_LIST,
    PART_BEFORE_CONTENT,
    PART_CONTENT,
    PART_CONTENT_TAIL,
    PART_FILE,
    PART_FILE_TAIL,
    PART_AFTER,
};

/* ---- the list ---- */

static void put_names(const struct transcript *transcript, struct json_out *json)
{
    struct buf text;
    size_t count = 0;
    buf_init(&text, NAMES_MAX_BYTES);
    for (const struct exhibit *each = transcript->exhibits; each; each = each->next) {
        char path[NAME_SHOWN_BYTES];
        if (++count > NAMED_COUNT)
            continue;
        bytes_copy_ends(path, sizeof path, each->artifact.path);
        buf_printf(&text, "%s%s (%llu bytes)", count == 1 ? "" : "\n", path,
                   (unsigned long long)each->artifact.size_bytes);
    }
    if (count > NAMED_COUNT)
        buf_printf(&text, "\nand %zu more", count - NAMED_COUNT);
    if (session_movement_is_cut(transcript))
        buf_append_string(&text, "\nThere are more files: list them with a pattern.");
    if (count == 0)
        buf_append_string(&text, "There are no such files.");
    json_key(json, "content");
    json_open(json, '[');
    mcp_answer_put_text(json, buf_bytes(&text));
    json_close(json, ']');
    buf_release(&text);
}

static size_t put_entry(struct rendering *rendering, struct json_out *json)
{
    struct exhibit *exhibit = rendering->exhibit;
    if (!exhibit) {
        rendering->part = PART_END_LIST;
        return RENDERING_PART_COST_BYTES;
    }
    exhibit_put_entry(exhibit, json);
    rendering->exhibit = exhibit->next;
    return RENDERING_PART_COST_BYTES + exhibit->artifact.path.len;
}

static void open_files(struct json_out *json)
{
    json_key(json, "structuredContent");
    json_open(json, '{');
    json_key(json, "files");
    json_open(json, '[');
}

static void close_files(struct rendering *rendering, struct json_out *json)
{
    json_close(json, ']');
    json_member_bool(json, "truncated", session_movement_is_cut(rendering->transcript));
    json_close(json, '}');
    json_member_bool(json, "isError", false);
    rendering->part = PART_AFTER;
}

/* ---- the file ---- */

static void put_unseen(const struct exhibit *exhibit, struct json_out *json)
{
    char text[200];
    snprintf(text, sizeof text,
             "The file has %zu bytes and is no text; the structured content has it in base64.",
             exhibit->artifact.content.len);
    mcp_answer_put_text(json, bytes_of_string(text));
}

static size_t open_content(struct rendering *rendering, struct json_out *json, size_t most)
{
    struct exhibit *exhibit = rendering->transcript->exhibits;
    const char *type = exhibit_media_type(exhibit);
    size_t checked = exhibit_check(exhibit, most);
    if (checked > 0)
        return checked;
    bool image = exhibit->is_base64 && mcp_answer_is_image(bytes_of_string(type));
    json_key(json, "content");
    json_open(json, '[');
    rendering->part = PART_CONTENT_TAIL;
    if (!image && exhibit->is_base64) {
        put_unseen(exhibit, json);
        rendering->at = 1; /* no string is open */
        return RENDERING_PART_COST_BYTES;
    }
    json_open(json, '{');
    json_member_text(json, "type", image ? "image" : "text");
    if (image)
        json_member_text(json, "mimeType", type);
    json_key(json, image ? "data" : "text");
    json_open_string(json);
    rendering_begin_string(rendering, exhibit_content(exhibit), image);
    return RENDERING_PART_COST_BYTES;
}

static void close_content(struct rendering *rendering, struct json_out *json)
{
    if (rendering->at == 0) {
        json_close_string(json);
        json_close(json, '}');
    }
    rendering->at = 0;
    json_close(json, ']');
    open_files(json);
    rendering->part = PART_FILE;
}

static void put_file(struct rendering *rendering, struct json_out *json)
{
    struct exhibit *exhibit = rendering->transcript->exhibits;
    exhibit_put_head(exhibit, json);
    rendering_begin_string(rendering, exhibit_content(exhibit), exhibit->is_base64);
    rendering->part = PART_FILE_TAIL;
}

/* ---- the form ---- */

static size_t put_part(struct rendering *rendering, struct json_out *json, size_t most)
{
    const struct mcp_frame *frame = rendering->arg;
    switch ((enum part)rendering->part) {
    case PART_BEFORE_LIST:
        return mcp_frame_put(rendering, json, frame->before, PART_NAMES);
    case PART_NAMES:
        put_names(rendering->transcript, json);
        open_files(json);
        rendering->exhibit = rendering->transcript->exhibits;
        rendering->part = PART_ENTRIES;
        break;
    case PART_ENTRIES:
        return put_entry(rendering, json);
    case PART_END_LIST:
        close_files(rendering, json);
        break;
    case PART_BEFORE_CONTENT:
        return mcp_frame_put(rendering, json, frame->before, PART_CONTENT);
    case PART_CONTENT:
        return open_content(rendering, json, most);
    case PART_CONTENT_TAIL:
        close_content(rendering, json);
        break;
    case PART_FILE:
        put_file(rendering, json);
        break;
    case PART_FILE_TAIL:
        exhibit_put_tail(rendering->transcript->exhibits, json);
        close_files(rendering, json);
        break;
    case PART_AFTER:
        return mcp_frame_put(rendering, json, frame->after, RENDERING_FINISHED);
    }
    return RENDERING_PART_COST_BYTES;
}

struct rendering mcp_files_begin_list(const struct mcp_frame *frame,
                                      const struct transcript *transcript)
{
    return rendering_in_form(transcript, put_part, PART_BEFORE_LIST, frame);
}

struct rendering mcp_files_begin_content(const struct mcp_frame *frame,
                                         const struct transcript *transcript)
{
    return rendering_in_form(transcript, put_part, PART_BEFORE_CONTENT, frame);
}
