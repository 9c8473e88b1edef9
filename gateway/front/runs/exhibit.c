#include "front/runs/exhibit.h"

#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "front/http/media.h"

/* Copy bytes to *to, and move *to behind the copy. */
static struct bytes copy_of(struct bytes bytes, uint8_t **to)
{
    struct bytes copy = bytes_of(*to, bytes.len);
    if (bytes.len > 0)
        memcpy(*to, bytes.data, bytes.len);
    *to += bytes.len;
    return copy;
}

struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact)
{
    size_t bytes = artifact->path.len + artifact->media_type.len + artifact->content.len;
    struct exhibit *exhibit = calloc(1, sizeof *exhibit + bytes);
    if (!exhibit)
        return NULL;
    uint8_t *to = exhibit->memory;
    exhibit->type = type;
    exhibit->artifact.path = copy_of(artifact->path, &to);
    exhibit->artifact.media_type = copy_of(artifact->media_type, &to);
    exhibit->artifact.content = copy_of(artifact->content, &to);
    exhibit->artifact.size_bytes = artifact->size_bytes;
    exhibit->artifact.number = artifact->number;
    exhibit->artifact.is_result = artifact->is_result;
    struct bytes content = exhibit->artifact.content;
    exhibit->text_bytes =
        artifact_is_cut(artifact) ? utf8_cut(content.data, content.len) : content.len;
    return exhibit;
}

void exhibit_free_all(struct exhibit *first)
{
    struct exhibit *next;
    for (; first; first = next) {
        next = first->next;
        free(first);
    }
}

size_t exhibit_bytes(const struct exhibit *exhibit)
{
    const struct artifact *artifact = &exhibit->artifact;
    return sizeof *exhibit + artifact->path.len + artifact->media_type.len + artifact->content.len;
}

const char *exhibit_media_type(const struct exhibit *exhibit)
{
    return media_type_of_path(exhibit->artifact.path);
}

/* If a step finds no valid character, it has met an ill-formed character. A character that a step
 * cuts is checked again in the next step. */
size_t exhibit_check(struct exhibit *exhibit, size_t most)
{
    size_t left = exhibit->text_bytes - exhibit->checked_bytes;
    if (exhibit->is_base64 || left == 0)
        return 0;
    most = most > UTF8_CHARACTER_MAX_BYTES ? most : UTF8_CHARACTER_MAX_BYTES;
    const uint8_t *data = exhibit->artifact.content.data + exhibit->checked_bytes;
    size_t good = utf8_valid_prefix(data, left < most ? left : most);
    exhibit->checked_bytes += good;
    exhibit->is_base64 = good == 0;
    return good > 0 ? good : 1;
}

/* ---- its JSON ---- */

static void put_name(const struct artifact *file, struct json_out *json)
{
    json_key(json, "path");
    json_put_string(json, file->path.data, file->path.len);
    json_member_uint(json, "size_bytes", file->size_bytes);
}

void exhibit_put_entry(const struct exhibit *exhibit, struct json_out *json)
{
    json_open(json, '{');
    put_name(&exhibit->artifact, json);
    json_close(json, '}');
}

void exhibit_put_head(const struct exhibit *exhibit, struct json_out *json)
{
    const struct artifact *artifact = &exhibit->artifact;
    json_open(json, '{');
    if (exhibit->type == WIRE_FILE) {
        put_name(artifact, json);
        json_member_text(json, "media_type", exhibit_media_type(exhibit));
    } else {
        json_key(json, "media_type");
        json_put_string(json, artifact->media_type.data, artifact->media_type.len);
    }
    json_key(json, "content");
    json_open_string(json);
}

struct bytes exhibit_content(const struct exhibit *exhibit)
{
    struct bytes content = exhibit->artifact.content;
    if (!exhibit->is_base64)
        content.len = exhibit->text_bytes;
    return content;
}

void exhibit_put_tail(const struct exhibit *exhibit, struct json_out *json)
{
    json_close_string(json);
    json_member_text(json, "encoding", exhibit->is_base64 ? "base64" : "utf-8");
    if (exhibit->type == WIRE_FILE)
        json_member_bool(json, "truncated", artifact_is_cut(&exhibit->artifact));
    if (exhibit->artifact.number > 0) {
        json_member_uint(json, "number", exhibit->artifact.number);
        json_member_bool(json, "is_result", exhibit->artifact.is_result);
    }
    json_close(json, '}');
}

void exhibit_put_outline(const struct exhibit *exhibit, struct json_out *json)
{
    const struct artifact *artifact = &exhibit->artifact;
    json_open(json, '{');
    json_key(json, "media_type");
    json_put_string(json, artifact->media_type.data, artifact->media_type.len);
    json_member_uint(json, "size_bytes", artifact->content.len);
    json_close(json, '}');
}
