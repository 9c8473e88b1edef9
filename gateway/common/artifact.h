/* artifact.h - an output file that the job's globs asked for, or a rich display (a plot, a table).
 *
 * An artifact is the payload of a FILE or DISPLAY frame. mayfly-init writes it and applies the
 * job's size caps. The front checks these caps again, because it does not trust the box. Knows
 * neither HTTP nor Docker.
 */
#ifndef MAYFLY_ARTIFACT_H
#define MAYFLY_ARTIFACT_H

#include "common/error.h"
#include "common/path.h"
#include "common/wire.h"

#define ARTIFACT_PATH_MAX_BYTES PATH_BYTES_MAX
#define ARTIFACT_MEDIA_TYPE_MAX_BYTES 127
#define ARTIFACT_CONTENT_MAX_BYTES ((size_t)8 << 20)
#define ARTIFACT_NUMBER_MAX 65535
/* A DISPLAY frame with this media type carries the exception that ended a cell, and is not shown as
 * a display. Its content is a list of texts, each followed by a NUL: the exception's name, its
 * value, and the lines of the traceback. A cell sends at most one. It does not count as a display.
 */
#define ARTIFACT_ERROR_MEDIA_TYPE "application/vnd.mayfly.error"
#define ARTIFACT_ERROR_MAX_BYTES ((size_t)64 << 10)

/* Every member is borrowed from the payload. */
struct artifact {
    struct bytes path; /* FILE: a plain path below /box (path.h). DISPLAY: empty */
    /* DISPLAY: such as "image/png". FILE: empty, because the front derives the type from the
     * path */
    struct bytes media_type;
    /* the whole content, or the beginning of a file that was cut at its cap */
    struct bytes content;
    /* DISPLAY of a cell: several forms of one display (PNG, HTML) follow each other with one
     * number. Else 0 */
    uint32_t number;
    bool is_result; /* DISPLAY of a cell: the value of its last expression */
    /* the original size; larger than content.len if the file was cut at its cap */
    uint64_t size_bytes;
};

static inline bool artifact_is_cut(const struct artifact *artifact)
{
    return artifact->size_bytes > artifact->content.len;
}

/* Returns true if this DISPLAY is the exception that has ended a cell. */
static inline bool artifact_is_error(const struct artifact *artifact)
{
    return bytes_equal_string(artifact->media_type, ARTIFACT_ERROR_MEDIA_TYPE);
}

/* Append the fields, between wire_begin and wire_end. Returns false if out's cap is too small. */
bool artifact_encode(struct buf *out, const struct artifact *artifact);

/* Append the frame's header and all fields, but not the content's bytes. The caller then sends
 * content.len bytes, in any number of pieces. Does not read content.data. */
bool artifact_begin(struct buf *out, enum wire_type type, uint64_t run_id,
                    const struct artifact *artifact);

/* Read the payload of a WIRE_FILE or WIRE_DISPLAY; `type` decides which fields are required.
 * Refuses paths that are not plain and media types that contain a NUL. Fails with ERR_PROTOCOL;
 * *artifact is then untouched. */
bool artifact_decode(enum wire_type type, struct bytes payload, struct artifact *artifact,
                     struct error *err);

#endif
