/* reading.h - reads the JSON of a request into a struct request: objects by a table of fields,
 * values by their type and range. It names each mistake.
 *
 * A function that finds a mistake adds it to the errors and continues, so that one answer names all
 * of them. `name` is the field, as the errors name it ("limits.pids", "files[2].path").
 */
#ifndef MAYFLY_READING_H
#define MAYFLY_READING_H

#include "common/config.h"
#include "common/json.h"
#include "front/http/problem.h"

#define READING_NAME_BYTES 128 /* of a composed name; a long one is cut */
#define READING_NAME_SHOWN 72  /* at most this much of a member's name is in it */

struct request;
struct request_file;
struct request_test;
struct session_request;

struct reading {
    const struct config *config;
    struct request *request;
    struct field_errors *errors;
    const char *prefix;              /* of every name: "", or "tests[3]." */
    size_t strings_bytes;            /* of args and env so far */
    bool is_out_of_memory;           /* an allocation failed, which is no mistake of the client */
    struct request_file *file;       /* the element of `files` that is being read */
    struct request_test *test;       /* that of `tests` */
    struct session_request *session; /* of a request about a session; else NULL */
};

struct field {
    const char *name; /* of the member */
    void (*read)(struct reading *reading, const char *name, const struct json *value);
};

/* Check the type of the value. Returns false, and adds the mistake, when it is another type. */
bool reading_is_type(struct reading *reading, const char *name, const struct json *value,
                     enum json_type type);

/* Read each member of an object by the table, which ends with a NULL name. `prefix` comes before
 * each name, as "limits." does. A member that is not in the table is a mistake. */
void reading_members(struct reading *reading, const struct field *table, const char *prefix,
                     const struct json *object);

/* Read one of the words, which end with NULL. Sets *word to its index; untouched on a mistake. */
void reading_word(struct reading *reading, const char *name, const struct json *value,
                  const char *const *words, unsigned *word);

/* Read "utf-8" or "base64". *encoding is untouched on a mistake. */
void reading_encoding(struct reading *reading, const char *name, const struct json *value,
                      enum output_encoding *encoding);

/* Read a decimal number into thousandths, from least to most. *millis is untouched on a mistake. */
void reading_millis(struct reading *reading, const char *name, const struct json *value,
                    uint32_t least, uint32_t most, uint32_t *millis);
/* The same for integers. */
void reading_integer(struct reading *reading, const char *name, const struct json *value,
                     uint64_t least, uint64_t most, uint64_t *integer);

#endif
