/* reading.h - reads JSON values into a struct request: objects by a table of fields, values with a
 * type and a range.
 *
 * A function that finds a mistake adds it to the errors and continues, so that one answer names all
 * mistakes. `name` is how errors name the field ("limits.pids", "files[2].path").
 */
#ifndef MAYFLY_READING_H
#define MAYFLY_READING_H

#include "common/config.h"
#include "common/json.h"
#include "front/http/problem.h"

#define READING_NAME_BYTES 128 /* longest composed name; a longer one is cut */
#define READING_NAME_SHOWN 72  /* at most this many bytes of a member's name are shown */

struct request;
struct request_file;
struct request_test;
struct session_request;

struct reading {
    const struct config *config;
    struct request *request;
    struct field_errors *errors;
    const char *prefix;              /* in front of every name: "", or "tests[3]." */
    size_t strings_bytes;            /* bytes of args and env so far */
    bool is_out_of_memory;           /* an allocation failed, which is not the client's mistake */
    struct request_file *file;       /* the element of `files` that is being read */
    struct request_test *test;       /* the element of `tests` that is being read */
    struct session_request *session; /* for a request about a session; else NULL */
};

struct field {
    const char *name; /* the member's name */
    void (*read)(struct reading *reading, const char *name, const struct json *value);
};

/* Returns true if the value has this type. Otherwise adds a mistake. */
bool reading_is_type(struct reading *reading, const char *name, const struct json *value,
                     enum json_type type);

/* Read all members of an object with the functions of the table, which ends with a NULL name.
 * `prefix` ("limits.") precedes the members' names in errors. A member that is not in the table is
 * a mistake. */
void reading_members(struct reading *reading, const struct field *table, const char *prefix,
                     const struct json *object);

/* Read a string that must be one of `words`, which end with NULL. Sets *word to its index. On a
 * mistake *word is untouched. */
void reading_word(struct reading *reading, const char *name, const struct json *value,
                  const char *const *words, unsigned *word);

/* Read "utf-8" or "base64". On a mistake *encoding is untouched. */
void reading_encoding(struct reading *reading, const char *name, const struct json *value,
                      enum output_encoding *encoding);

/* Read a decimal number from least to most. least, most and *millis are in thousandths. On a
 * mistake *millis is untouched. */
void reading_millis(struct reading *reading, const char *name, const struct json *value,
                    uint32_t least, uint32_t most, uint32_t *millis);
/* Read an integer from least to most. On a mistake *integer is untouched. */
void reading_integer(struct reading *reading, const char *name, const struct json *value,
                     uint64_t least, uint64_t most, uint64_t *integer);

#endif
