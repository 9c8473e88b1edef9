/* headers.h - the headers that every answer has, whoever makes it. Private to http's files. */
#ifndef MAYFLY_HTTP_HEADERS_H
#define MAYFLY_HTTP_HEADERS_H

#include "front/http/core.h"

/* Add what every answer has to the headers that are there. Lends both until the request has gone;
 * content_type NULL: the answer has no body. */
void headers_add_standing(const struct http *http, h2o_req_t *req, const char *content_type,
                          const char *request_id);

#endif
