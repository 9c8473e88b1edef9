/* exhibit.h - an output file or a display: its bytes, and its JSON.
 *
 * The JSON object is the same in an answer's lists and in events. Valid UTF-8 is written as text
 * ("encoding":"utf-8"), other content as base64. If text was cut by a cap, only its last,
 * incomplete character is dropped. Checking for UTF-8 reads every byte, so it is done once, in
 * steps, before the JSON is written.
 */
#ifndef MAYFLY_EXHIBIT_H
#define MAYFLY_EXHIBIT_H

#include "common/artifact.h"
#include "common/json.h"

struct exhibit {
    struct exhibit *next;     /* the next exhibit of the run, in the order of arrival; NULL: none */
    enum wire_type type;      /* WIRE_FILE or WIRE_DISPLAY */
    struct artifact artifact; /* points into `memory` */
    size_t text_bytes;        /* length of the content if it is text */
    size_t checked_bytes;     /* the first bytes of the content that were checked */
    bool is_base64;           /* the check has found that it is not UTF-8 */
    uint8_t memory[];         /* name, then content */
};

/* Returns a copy, owned by the caller; NULL when memory is out. */
struct exhibit *exhibit_new(enum wire_type type, const struct artifact *artifact);
/* Free this exhibit and all exhibits after it. NULL is a no-op. */
void exhibit_free_all(struct exhibit *first);
/* Returns how much memory it uses. */
size_t exhibit_bytes(const struct exhibit *exhibit);

/* Returns the media type of a file, by its name. Static. */
const char *exhibit_media_type(const struct exhibit *exhibit);

/* Check whether the content is text. Each call checks at most `most` bytes, but at least one
 * character. Returns the number of bytes checked, and 0 when the check is complete. */
size_t exhibit_check(struct exhibit *exhibit, size_t most);

/* Write the JSON after the check, in three parts: the head, up to json_open_string for the content;
 * the content, as text or base64; and the tail, from json_close_string on. */
void exhibit_put_head(const struct exhibit *exhibit, struct json_out *json);
struct bytes exhibit_content(const struct exhibit *exhibit);
void exhibit_put_tail(const struct exhibit *exhibit, struct json_out *json);

/* Write the JSON of a file without its content: path and size. */
void exhibit_put_entry(const struct exhibit *exhibit, struct json_out *json);
/* Write the JSON of a display without its content: media type and size. */
void exhibit_put_outline(const struct exhibit *exhibit, struct json_out *json);

#endif
