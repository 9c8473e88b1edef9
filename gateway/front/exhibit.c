#include "front/exhibit.h"

#include <stdlib.h>

#include "common/json.h"
#include "common/utf8.h"
#include "front/media.h"

#define MEMBERS_MAX_BYTES 512 /* all but path, media type and content */
#define ESCAPED_BYTES_MAX 6   /* "\u0000" */

static void put_content(struct json_out *json, const struct artifact *artifact)
{
    struct bytes content = artifact->content;
    size_t text_len = artifact_is_cut(artifact) ? utf8_cut(content.data, content.len) : content.len;
    bool is_text = utf8_is_valid(content.data, text_len);
    json_key(json, "content");
    if (is_text)
        json_put_string(json, content.data, text_len);
    else
        json_put_base64(json, content.data, content.len);
    json_member_text(json, "encoding", is_text ? "utf-8" : "base64");
}

static void put_file(struct json_out *json, const struct artifact *artifact)
{
    json_key(json, "path");
    json_put_string(json, artifact->path.data, artifact->path.len);
    json_member_uint(json, "size_bytes", artifact->size_bytes);
    json_member_text(json, "media_type", media_type_of_path(artifact->path));
    put_content(json, artifact);
    json_member_bool(json, "truncated", artifact_is_cut(artifact));
}

static void put_display(struct json_out *json, const struct artifact *artifact)
{
    json_key(json, "media_type");
    json_put_string(json, artifact->media_type.data, artifact->media_type.len);
    put_content(json, artifact);
}

static bool write_json(struct buf *out, enum wire_type type, const struct artifact *artifact)
{
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    if (type == WIRE_FILE)
        put_file(&json, artifact);
    else
        put_display(&json, artifact);
    json_close(&json, '}');
    return json.ok;
}

struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact)
{
    size_t bytes = artifact->path.len + artifact->media_type.len + artifact->content.len;
    struct exhibit *exhibit = calloc(1, sizeof *exhibit);
    if (!exhibit)
        return NULL;
    exhibit->type = type;
    buf_init(&exhibit->json, MEMBERS_MAX_BYTES + ESCAPED_BYTES_MAX * bytes);
    if (write_json(&exhibit->json, type, artifact))
        return exhibit;
    exhibit_free_all(exhibit);
    return NULL;
}

void exhibit_free_all(struct exhibit *first)
{
    struct exhibit *next;
    for (; first; first = next) {
        next = first->next;
        buf_release(&first->json);
        free(first);
    }
}
