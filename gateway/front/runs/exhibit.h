/* exhibit.h - an output file or a display: its bytes, and their JSON.
 *
 * Its JSON is an object, the same in the plain answer's arrays and in an event. Valid UTF-8 is
 * written as text ("encoding":"utf-8"), other content in base64. Text that was cut by a cap loses
 * only its last, broken character. The check must read every byte, so it is done once, in steps,
 * before any JSON is written.
 */
#ifndef MAYFLY_EXHIBIT_H
#define MAYFLY_EXHIBIT_H

#include "common/artifact.h"
#include "common/json.h"

struct exhibit {
    struct exhibit *next;     /* of the same run, in the order in which they came; NULL: the last */
    enum wire_type type;      /* WIRE_FILE or WIRE_DISPLAY */
    struct artifact artifact; /* its views are of `memory` */
    size_t text_bytes;        /* of the content, if it is text */
    size_t checked_bytes;     /* of text_bytes; once all are checked, it is text */
    bool is_base64;           /* its content was checked and is not UTF-8 */
    uint8_t memory[];         /* name, then content */
};

/* Returns a copy, owned by the caller; NULL when memory is out. */
struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact);
/* Free this exhibit and all that follow it. NULL is a no-op. */
void exhibit_free_all(struct exhibit *first);
/* Returns the bytes of memory that it holds. */ size_t
exhibit_bytes(const struct exhibit *exhibit);

/* Check whether the content is text. Each call checks at most `most` bytes and returns their
 * number; 0 when the check is finished. */
size_t exhibit_check(struct exhibit *exhibit, size_t most);

/* Write the JSON after the check, in three parts: the head, up to and with json_open_string of the
 * content; the content, as text or in base64; the tail, from json_close_string on. */
void exhibit_put_head(const struct exhibit *exhibit, struct json_out *json);
struct bytes exhibit_content(const struct exhibit *exhibit);
void exhibit_put_tail(const struct exhibit *exhibit, struct json_out *json);

/* Put the JSON of a display without its content: media type and size. */
void exhibit_put_outline(const struct exhibit *exhibit, struct json_out *json);

#endif
