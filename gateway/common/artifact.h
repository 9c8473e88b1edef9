/* artifact.h - an output file that the job's globs asked for, or a rich display (a plot, a table).
 *
 * It is the payload of a FILE or DISPLAY frame. mayfly-init writes it and holds each artifact to
 * the job's caps. The front checks the caps again. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_ARTIFACT_H
#define MAYFLY_ARTIFACT_H

#include "common/error.h"
#include "common/path.h"
#include "common/wire.h"

#define ARTIFACT_PATH_MAX_BYTES PATH_BYTES_MAX
#define ARTIFACT_MEDIA_TYPE_MAX_BYTES 127
#define ARTIFACT_CONTENT_MAX_BYTES ((size_t)8 << 20)

/* Every member is borrowed from the payload. */
struct artifact {
    struct bytes path; /* FILE: a plain path below /box (path.h). DISPLAY: empty */
    /* DISPLAY: "image/png", at least 1 byte. FILE: empty; the front knows the type */
    struct bytes media_type;
    /* the whole file or display, or the beginning of a file that the cap cut */
    struct bytes content;
    uint64_t size_bytes; /* the original size; more than content.len when the cap cut the file */
};

static inline bool artifact_is_cut(const struct artifact *artifact)
{
    return artifact->size_bytes > artifact->content.len;
}

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool artifact_encode(struct buf *out, const struct artifact *artifact);

/* Append a whole frame except the content. The caller then sends content.len bytes, in any number
 * of pieces. Does not read content.data. */
bool artifact_begin(struct buf *out, enum wire_type type, uint64_t run_id,
                    const struct artifact *artifact);

/* Read the payload of a WIRE_FILE or WIRE_DISPLAY. The type decides which field must be there.
 * Paths are plain, and media types hold no NUL. Fails with ERR_PROTOCOL; *artifact is then
 * untouched. */
bool artifact_decode(enum wire_type type, struct bytes payload, struct artifact *artifact,
                     struct error *err);

#endif
