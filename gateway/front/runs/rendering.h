/* rendering.h - the JSON of an answer, or of an exhibit, written as it is sent: a slice at a time,
 * from the bytes that the transcript keeps.
 *
 *   head  stdout  stderr  fields  error?  (exhibit head, content, tail)*  end
 *
 * Each step looks at RENDERING_SLICE_BYTES at most and writes little more than
 * RENDERING_FULL_BYTES, so that none takes long, whatever the bytes are. The length of the whole
 * can be counted first, in steps of the same size. Pure; knows neither HTTP nor who reads.
 */
#ifndef MAYFLY_RENDERING_H
#define MAYFLY_RENDERING_H

#include "front/runs/answer.h"

#define RENDERING_SLICE_BYTES ((size_t)64 << 10)
#define RENDERING_FULL_BYTES ((size_t)64 << 10) /* a step ends once out holds so many */
/* A step may go so far beyond that: the head of an exhibit may have a long path. */
#define RENDERING_EXCESS_BYTES ((size_t)32 << 10)
#define RENDERING_MAX_BYTES (RENDERING_FULL_BYTES + RENDERING_EXCESS_BYTES)

enum rendering_part {
    RENDERING_FINISHED,
    RENDERING_HEAD, /* and the beginning of stdout; as all that follow, up to what may be long */
    RENDERING_STDERR,
    RENDERING_FIELDS,
    RENDERING_ERROR,    /* of a cell: the next of its texts, or its end */
    RENDERING_EXHIBITS, /* of one list: the next of them, or the end of the list */
    RENDERING_TAIL,     /* of an exhibit */
};

/* Zero-initialised is a finished one. */
struct rendering {
    const struct transcript *transcript; /* NULL: of one exhibit */
    enum rendering_part part;            /* the next, when no string is being written */
    enum wire_type list;                 /* of exhibits that is being written */
    struct exhibit *exhibit;             /* the next of these, or the one whose tail is next */
    bool is_in_string, is_base64;
    struct bytes string;  /* what is left of it */
    struct bytes error;   /* what is left of the texts of a cell's exception */
    unsigned texts_count; /* of these, those that were written */
    bool comma;           /* the printer's */
};

/* Begin. Lends the transcript, which has ended, or the exhibit, until the rendering is finished or
 * forgotten; there is nothing to release. */
struct rendering rendering_of_answer(const struct transcript *transcript);
struct rendering rendering_of_exhibit(struct exhibit *exhibit);
static inline bool rendering_is_finished(const struct rendering *rendering)
{
    return rendering->part == RENDERING_FINISHED && !rendering->is_in_string;
}

/* Append the next slice to out, which may turn out to be empty; or add its length to *length, with
 * `room` for what is small. False, and the rendering is of no more use, on no memory. */
bool rendering_write(struct rendering *rendering, struct buf *out);
bool rendering_measure(struct rendering *rendering, struct buf *room, uint64_t *length);

#endif
