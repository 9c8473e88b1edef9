/* artifact.h - what a program leaves behind besides its two streams: an output file that the job's
 * globs asked for, or a rich display (a plot, a table).
 *
 * The payload of a FILE or DISPLAY frame. Written by mayfly-init, which holds each artifact to the
 * job's caps; the front checks that it did. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_ARTIFACT_H
#define MAYFLY_ARTIFACT_H

#include "common/error.h"
#include "common/path.h"
#include "common/wire.h"

#define ARTIFACT_PATH_MAX_BYTES PATH_BYTES_MAX
#define ARTIFACT_MEDIA_TYPE_MAX_BYTES 127
#define ARTIFACT_CONTENT_MAX_BYTES ((size_t)8 << 20)

/* Everything is lent by the payload. */
struct artifact {
    struct bytes path; /* FILE: below /box, plain (path.h); DISPLAY: empty */
    struct bytes
        media_type;       /* DISPLAY: "image/png", 1 byte or more; FILE: empty, the front knows */
    struct bytes content; /* what was kept: whole, or the beginning, of a file */
    uint64_t size_bytes;  /* what there was; more than content.len when the cap cut it */
};

static inline bool artifact_is_cut(const struct artifact *artifact)
{
    return artifact->size_bytes > artifact->content.len;
}

/* Append as fields, between wire_begin and wire_end. False when out's cap forbids. */
bool artifact_encode(struct buf *out, const struct artifact *artifact);

/* Append a whole frame but for the bytes of its content, content.len of them, which come right
 * behind it, in as many pieces as it takes: content.data is not looked at. */
bool artifact_begin(struct buf *out, enum wire_type type, uint64_t run_id,
                    const struct artifact *artifact);

/* Read a payload: type is WIRE_FILE or WIRE_DISPLAY, which tells the field that must be there.
 * Paths are plain, media types hold no NUL. Fails with ERR_PROTOCOL; *artifact is then
 * untouched. */
bool artifact_decode(enum wire_type type, struct bytes payload, struct artifact *artifact,
                     struct error *err);

#endif
