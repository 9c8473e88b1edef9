/* errors.h - the errors that h2o makes itself. Private to http's files. */
#ifndef MAYFLY_HTTP_ERRORS_H
#define MAYFLY_HTTP_ERRORS_H

#include "front/http/core.h"

/* A filter that h2o calls for every answer. It turns h2o's own errors into problems. */
void errors_on_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot);

#endif
