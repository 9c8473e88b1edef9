#include "common/artifact.h"

#include <string.h>

/* Append all fields except the content. */
static bool put_fields(struct buf *out, const struct artifact *artifact)
{
    return (artifact->path.len == 0 ||
            wire_put(out, WIRE_TAG_FILE_PATH, artifact->path.data, artifact->path.len)) &&
           (artifact->media_type.len == 0 ||
            wire_put(out, WIRE_TAG_MEDIA_TYPE, artifact->media_type.data,
                     artifact->media_type.len)) &&
           (artifact->number == 0 ||
            wire_put_u64(out, WIRE_TAG_DISPLAY_NUMBER, artifact->number)) &&
           (!artifact->is_result || wire_put_u64(out, WIRE_TAG_IS_RESULT, 1)) &&
           wire_put_u64(out, WIRE_TAG_SIZE_BYTES, artifact->size_bytes);
}

bool artifact_encode(struct buf *out, const struct artifact *artifact)
{
    size_t before = out->len;
    bool ok = put_fields(out, artifact) &&
              wire_put(out, WIRE_TAG_FILE_CONTENT, artifact->content.data, artifact->content.len);
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

bool artifact_begin(struct buf *out, enum wire_type type, uint64_t run_id,
                    const struct artifact *artifact)
{
    size_t mark;
    if (!wire_begin(out, type, run_id, &mark))
        return false;
    if (!put_fields(out, artifact) ||
        !wire_put_head(out, WIRE_TAG_FILE_CONTENT, artifact->content.len)) {
        wire_abort(out, mark);
        return false;
    }
    wire_end_early(out, mark, artifact->content.len);
    return true;
}

static bool is_media_type(struct bytes value)
{
    return value.len >= 1 && value.len <= ARTIFACT_MEDIA_TYPE_MAX_BYTES &&
           !memchr(value.data, 0, value.len);
}

static bool is_whole(enum wire_type type, const struct artifact *artifact)
{
    bool named =
        type == WIRE_FILE ? path_is_plain(artifact->path) : is_media_type(artifact->media_type);
    const struct bytes *other = type == WIRE_FILE ? &artifact->media_type : &artifact->path;
    bool is_of_cell = artifact->number != 0 || artifact->is_result;
    return named && other->len == 0 && (type == WIRE_DISPLAY || !is_of_cell) &&
           artifact->content.data && artifact->content.len <= artifact->size_bytes;
}

/* Read a numeric field. Returns false when it is malformed or out of range. */
static bool take_number(struct artifact *artifact, uint16_t tag, struct bytes value)
{
    uint64_t number;
    if (!wire_get_u64(value, &number))
        return false;
    if (tag == WIRE_TAG_SIZE_BYTES)
        artifact->size_bytes = number;
    else if (tag == WIRE_TAG_DISPLAY_NUMBER)
        artifact->number = (uint32_t)number;
    else
        artifact->is_result = number == 1;
    return tag == WIRE_TAG_SIZE_BYTES || number <= ARTIFACT_NUMBER_MAX;
}

static bool is_number(uint16_t tag)
{
    return tag == WIRE_TAG_SIZE_BYTES || tag == WIRE_TAG_DISPLAY_NUMBER ||
           tag == WIRE_TAG_IS_RESULT;
}

bool artifact_decode(enum wire_type type, struct bytes payload, struct artifact *artifact,
                     struct error *err)
{
    struct artifact read = {0};
    struct bytes value;
    uint16_t tag;
    while (wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_FILE_PATH)
            read.path = value;
        else if (tag == WIRE_TAG_MEDIA_TYPE)
            read.media_type = value;
        else if (tag == WIRE_TAG_FILE_CONTENT)
            read.content = value;
        else if (is_number(tag) && !take_number(&read, tag, value))
            return error_set(err, ERR_PROTOCOL, "%s frame: field %u is out of range",
                             wire_type_name(type), (unsigned)tag);
    }
    if (payload.len != 0 || !is_whole(type, &read))
        return error_set(err, ERR_PROTOCOL, "%s frame: a field is missing, broken or out of range",
                         wire_type_name(type));
    *artifact = read;
    return true;
}
