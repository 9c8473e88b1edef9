/* exhibit.h - an output file or a display as the API shows it: a JSON object, the same in the plain
 * answer's arrays and in an event.
 *
 * Its content is given as text where it is valid UTF-8 ("encoding":"utf-8"), else in base64. Text
 * that a cap cut loses no more than its last, broken character.
 */
#ifndef MAYFLY_EXHIBIT_H
#define MAYFLY_EXHIBIT_H

#include "common/artifact.h"

struct exhibit {
    struct exhibit *next; /* of the same run, in the order in which they came; NULL: the last */
    enum wire_type type;  /* WIRE_FILE or WIRE_DISPLAY */
    struct buf json;      /* never changes: views of it last as long as the exhibit */
};

/* NULL on no memory. */
struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact);
/* Frees it and all that follow it. NULL is fine. */
void exhibit_free_all(struct exhibit *first);

#endif
