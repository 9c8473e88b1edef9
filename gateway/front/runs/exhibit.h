/* exhibit.h - an output file or a display as it came: the bytes, and the API's view of them.
 *
 * Its JSON is an object, the same in the plain answer's arrays and in an event. Its content is
 * given as text where it is valid UTF-8 ("encoding":"utf-8"), else in base64. Text that a cap cut
 * loses no more than its last, broken character. Which of the two it is takes a look at every byte,
 * so it is found out in steps, once, before the first of them is written.
 */
#ifndef MAYFLY_EXHIBIT_H
#define MAYFLY_EXHIBIT_H

#include "common/artifact.h"
#include "common/json.h"

struct exhibit {
    struct exhibit *next;     /* of the same run, in the order in which they came; NULL: the last */
    enum wire_type type;      /* WIRE_FILE or WIRE_DISPLAY */
    struct artifact artifact; /* its views are of `memory` */
    size_t text_bytes;        /* of the content, where it is text */
    size_t checked_bytes;     /* of these; all of them: it is text */
    bool is_base64;           /* its content was checked and is not UTF-8 */
    uint8_t memory[];         /* name, then content */
};

/* A copy. NULL on no memory. */
struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact);
/* Frees it and all that follow it. NULL is a no-op. */
void exhibit_free_all(struct exhibit *first);
/* The memory that it holds. */
size_t exhibit_bytes(const struct exhibit *exhibit);

/* Find out whether its content is text, in as many steps as it takes: look at `most` bytes at most.
 * Returns how many that were: 0 once it is known. */
size_t exhibit_check(struct exhibit *exhibit, size_t most);

/* Put its JSON, once that is known: up to the inside of the content's string (json_open_string
 * included), these bytes as text or in base64, and from the string's end on. */
void exhibit_put_head(const struct exhibit *exhibit, struct json_out *json);
struct bytes exhibit_content(const struct exhibit *exhibit);
void exhibit_put_tail(const struct exhibit *exhibit, struct json_out *json);

/* Put the JSON of a display without its content: media type and size. */
void exhibit_put_outline(const struct exhibit *exhibit, struct json_out *json);

#endif
