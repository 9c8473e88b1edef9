/* request_reader.h - reads a body into a struct request, a part at a time; and the document of a
 * dialect. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_READER_H
#define MAYFLY_REQUEST_READER_H

#include "front/api/request.h"

struct request_reader;
struct reading;

/* Reads the document of a dialect. Fills reading->request, which has the defaults, by
 * request_read_object, and adds each mistake to reading->errors. Returns false when the document
 * asks for no run; the decoder has then noted in arg what it asks for. Borrows the document for the
 * call. */
typedef bool request_decoder(void *arg, struct reading *reading, const struct json *document);

/* Borrows body, and arg, until request_reader_free. decode NULL: the body is the API's own request.
 * NULL on no memory. */
struct request_reader *request_reader_new(struct bytes body, request_decoder *decode, void *arg);
/* Read about `most_bytes` more of the body. config may be another copy in each call, but must have
 * the same contents. The outputs are those of request_parse. */
enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err);
void request_reader_free(struct request_reader *reader); /* NULL is a no-op */

/* Read an object with the members of the API's own request; with names, only those in this list,
 * which ends with NULL. The object NULL is an empty one. */
void request_read_object(struct reading *reading, const struct json *object,
                         const char *const *names);

/* For an object of another kind: read one member that the API's own request has, too, or one of its
 * `limits`. After all members, check what must hold between them. */
void request_read_member(struct reading *reading, const char *member, const struct json *value);
void request_read_limit(struct reading *reading, const char *member, const struct json *value);
void request_check_members(struct reading *reading);

#endif
