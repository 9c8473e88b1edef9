/* headers.h - the headers that every answer has, ours and h2o's. Private to http's files. */
#ifndef MAYFLY_HTTP_HEADERS_H
#define MAYFLY_HTTP_HEADERS_H

#include "front/http/core.h"

/* Add the headers that every answer has. Borrows content_type and request_id until the request has
 * gone. content_type is NULL when the answer has no body. */
void headers_add_standing(const struct http *http, h2o_req_t *req, const char *content_type,
                          const char *request_id);

#endif
