/* headers.h - the headers of every answer, whether we or h2o made it. Private to front/http. */
#ifndef MAYFLY_HTTP_HEADERS_H
#define MAYFLY_HTTP_HEADERS_H

#include "front/http/core.h"

/* Add these headers. Borrows content_type and request_id until the request is freed. content_type
 * is NULL if the answer has no body. */
void headers_add_standing(const struct http *http, h2o_req_t *req, const char *content_type,
                          const char *request_id);

#endif
