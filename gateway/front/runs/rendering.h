/* rendering.h - writes the JSON of an answer, exhibit or report slice by slice, while it is being
 * sent, from the bytes in the transcript.
 *
 *   head  stdout  stderr  fields  error?  (exhibit head, content, tail)*  end
 *   summary  (report head  stdout ... end)*  end                  of a submission with tests
 *
 * This is the form of our own API. A dialect has its own form, which may contain this one.
 *
 * Each step reads at most RENDERING_SLICE_BYTES and writes little more than RENDERING_FULL_BYTES,
 * so no step takes long. The total length can be counted first, in steps of the same size. Pure;
 * knows neither HTTP nor readers.
 */
#ifndef MAYFLY_RENDERING_H
#define MAYFLY_RENDERING_H

#include "front/runs/answer.h"

#define RENDERING_SLICE_BYTES ((size_t)64 << 10)
#define RENDERING_FULL_BYTES ((size_t)64 << 10) /* a step ends when `out` has this many bytes */
/* A step may write this much more, because an exhibit's head may contain a long path. */
#define RENDERING_EXCESS_BYTES ((size_t)32 << 10)
#define RENDERING_MAX_BYTES (RENDERING_FULL_BYTES + RENDERING_EXCESS_BYTES)

/* The parts of the API's form. */
enum rendering_part {
    RENDERING_FINISHED,
    /* everything before stdout. After each part, a long string may follow: after this one,
     * stdout */
    RENDERING_HEAD,
    RENDERING_STDERR,
    RENDERING_FIELDS,
    RENDERING_ERROR,     /* for a cell: the next text of its exception, or the end of these texts */
    RENDERING_EXHIBITS,  /* the next exhibit of a list, or the end of the list */
    RENDERING_TAIL,      /* the end of an exhibit */
    RENDERING_SUMMARY,   /* up to the beginning of the reports */
    RENDERING_REPORTS,   /* the head of the next report, or the end */
    RENDERING_OWN_PARTS, /* other forms number their parts from here */
};

struct rendering;

/* Writes the next part, and sets rendering->part to the part after it. As its last act it may open
 * a string with rendering_begin_string. Returns the part's cost: the number of bytes read. It reads
 * at most `most` bytes of an exhibit's content. */
typedef size_t rendering_form(struct rendering *rendering, struct json_out *json, size_t most);

/* A zeroed rendering is finished. */
struct rendering {
    rendering_form *put_part;
    const void *arg;                     /* for the form */
    const struct transcript *transcript; /* NULL: the rendering is of one exhibit */
    unsigned part;                       /* the next part, after the current string */
    bool outlines_displays;              /* the API's form writes displays without their content */
    enum wire_type list;                 /* the type of exhibits that is being written */
    /* the exhibit that is written next, or whose tail is next */
    struct exhibit *exhibit;
    size_t at;                   /* for the form */
    bool is_of_reports;          /* all reports of a submission are written */
    const struct report *report; /* the current or next report */
    bool is_in_string, is_base64;
    struct bytes string;  /* the unwritten rest of the open string */
    struct bytes error;   /* the unwritten rest of an exception's texts */
    unsigned texts_count; /* how many of these texts were written */
    bool comma;           /* as in struct json_out */
};

/* Begin a rendering. Borrows the transcript, which has ended, or the exhibit, as long as the
 * rendering is used. Nothing needs to be released. */
struct rendering rendering_of_answer(const struct transcript *transcript);
struct rendering rendering_of_exhibit(struct exhibit *exhibit);
/* Begin a rendering of an answer in another form, whose first part is `part`. Borrows arg, too. */
struct rendering rendering_in_form(const struct transcript *transcript, rendering_form *form,
                                   unsigned part, const void *arg);
struct rendering rendering_of_report(const struct report *report);
static inline bool rendering_is_finished(const struct rendering *rendering)
{
    return rendering->part == RENDERING_FINISHED && !rendering->is_in_string;
}

/* rendering_write appends the next slice to out; the slice may be empty. rendering_measure adds the
 * slice's length to *length instead; `room` is scratch space. Both return false when memory is out;
 * the rendering is then unusable. */
bool rendering_write(struct rendering *rendering, struct buf *out);
bool rendering_measure(struct rendering *rendering, struct buf *room, uint64_t *length);

/* ---- for forms ---- */

/* The cost of a part that reads little. */
#define RENDERING_PART_COST_BYTES ((size_t)256)

/* Call this after json_open_string, to make these bytes the string's content. Borrows them until
 * they are written. The next part must close the string. */
void rendering_begin_string(struct rendering *rendering, struct bytes string, bool is_base64);

/* Writes a part of the API's form: RENDERING_HEAD to RENDERING_TAIL; RENDERING_FINISHED follows the
 * last. */
rendering_form rendering_put_own_part;

#endif
