/* request_reader.h - reads a body into a struct request in steps. The body is a request of our API,
 * or of a dialect. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_READER_H
#define MAYFLY_REQUEST_READER_H

#include "front/api/request.h"

struct request_reader;
struct reading;

/* Reads a dialect's document. Fills reading->request, which already has the defaults, by
 * request_read_object, and adds each mistake to reading->errors. Returns false if the document asks
 * for no run, after noting in arg what it asks for. Borrows the document for the call. */
typedef bool request_decoder(void *arg, struct reading *reading, const struct json *document);

/* Borrows body and arg until request_reader_free. decode NULL: the body is a request of our own
 * API. Returns NULL when memory is out. */
struct request_reader *request_reader_new(struct bytes body, request_decoder *decode, void *arg);
/* Read about `most_bytes` more of the body. In each call, config may be another copy with the same
 * content. The results are those of request_parse, and also REQUEST_MORE and REQUEST_OTHER. */
enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err);
void request_reader_free(struct request_reader *reader); /* NULL is a no-op */

/* Read the members of an API request from an object. With `names`, which end with NULL, only the
 * listed members are allowed. NULL counts as an empty object. */
void request_read_object(struct reading *reading, const struct json *object,
                         const char *const *names);

/* For an object of another kind: read one member that an API request also has, or a member of its
 * `limits`. After all members, check them against each other. */
void request_read_member(struct reading *reading, const char *member, const struct json *value);
void request_read_limit(struct reading *reading, const char *member, const struct json *value);
void request_check_members(struct reading *reading);

#endif
