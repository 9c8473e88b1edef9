/* rendering.h - the JSON of an answer, or of an exhibit, written as it is sent: a slice at a time,
 * from the bytes that the transcript keeps.
 *
 *   head  stdout  stderr  fields  error?  (exhibit head, content, tail)*  end
 *   summary  (report head  stdout ... end)*  end                  of a submission with tests
 *
 * This is the API's own form. A dialect has a form of its own, which may contain this one.
 *
 * Each step reads at most RENDERING_SLICE_BYTES and writes little more than RENDERING_FULL_BYTES,
 * so no step takes long, whatever the bytes are. The length of the whole can be counted first, in
 * steps of the same size. Pure; knows neither HTTP nor readers.
 */
#ifndef MAYFLY_RENDERING_H
#define MAYFLY_RENDERING_H

#include "front/runs/answer.h"

#define RENDERING_SLICE_BYTES ((size_t)64 << 10)
#define RENDERING_FULL_BYTES ((size_t)64 << 10) /* a step ends when out holds this many */
/* A step may exceed that by this much, because the head of an exhibit may have a long path. */
#define RENDERING_EXCESS_BYTES ((size_t)32 << 10)
#define RENDERING_MAX_BYTES (RENDERING_FULL_BYTES + RENDERING_EXCESS_BYTES)

/* The parts of the API's own form. */
enum rendering_part {
    RENDERING_FINISHED,
    RENDERING_HEAD, /* and the beginning of stdout; each part ends where a long string may follow */
    RENDERING_STDERR,
    RENDERING_FIELDS,
    RENDERING_ERROR,     /* of a cell: the next text of its exception, or the end of these */
    RENDERING_EXHIBITS,  /* the next exhibit of a list, or the end of the list */
    RENDERING_TAIL,      /* of an exhibit */
    RENDERING_SUMMARY,   /* and the beginning of the reports */
    RENDERING_REPORTS,   /* the head of the next of them, or the end */
    RENDERING_OWN_PARTS, /* another form counts its parts from here on */
};

struct rendering;

/* Writes the next part, and sets rendering->part to the one that follows it. As its last act it may
 * open a string, with rendering_begin_string. Returns the part's cost, in bytes looked at. A part
 * that looks at the bytes of an exhibit looks at `most` of them. */
typedef size_t rendering_form(struct rendering *rendering, struct json_out *json, size_t most);

/* A zeroed rendering is finished. */
struct rendering {
    rendering_form *put_part;
    const void *arg;                     /* the form's own */
    const struct transcript *transcript; /* NULL: of one exhibit */
    unsigned part;                       /* the next, when no string is being written */
    bool outlines_displays;              /* the API's form names displays without their content */
    enum wire_type list;                 /* of exhibits that is being written */
    struct exhibit *exhibit;             /* the next of these, or the one whose tail is next */
    size_t at;                           /* for the form's own use */
    bool is_of_reports;                  /* of all of a submission */
    const struct report *report;         /* the next of these, or the one that is being written */
    bool is_in_string, is_base64;
    struct bytes string;  /* the rest of the open string */
    struct bytes error;   /* the rest of the texts of a cell's exception */
    unsigned texts_count; /* the number of these texts that were written */
    bool comma;           /* as in struct json_out */
};

/* Begin. Borrows the transcript, which has ended, or the exhibit, until the rendering is finished
 * or forgotten; there is nothing to release. */
struct rendering rendering_of_answer(const struct transcript *transcript);
struct rendering rendering_of_exhibit(struct exhibit *exhibit);
/* The same in another form, which begins at this part; borrows arg, too. */
struct rendering rendering_in_form(const struct transcript *transcript, rendering_form *form,
                                   unsigned part, const void *arg);
struct rendering rendering_of_report(const struct report *report);
static inline bool rendering_is_finished(const struct rendering *rendering)
{
    return rendering->part == RENDERING_FINISHED && !rendering->is_in_string;
}

/* rendering_write appends the next slice to out; the slice may be empty. rendering_measure adds its
 * length to *length; `room` is scratch space. Both return false when memory is out: the rendering
 * is then unusable. */
bool rendering_write(struct rendering *rendering, struct buf *out);
bool rendering_measure(struct rendering *rendering, struct buf *room, uint64_t *length);

/* ---- for forms ---- */

/* The cost of a small part. */
#define RENDERING_PART_COST_BYTES ((size_t)256)

/* A string has been opened with json_open_string: these borrowed bytes are its inside. The part
 * that follows closes it. */
void rendering_begin_string(struct rendering *rendering, struct bytes string, bool is_base64);

/* The API's own form: `part` RENDERING_HEAD to RENDERING_TAIL; RENDERING_FINISHED after the end. */
rendering_form rendering_put_own_part;

#endif
