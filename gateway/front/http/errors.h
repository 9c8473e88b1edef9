/* errors.h - turns the errors that h2o answers itself into problem documents. Private to
 * front/http. */
#ifndef MAYFLY_HTTP_ERRORS_H
#define MAYFLY_HTTP_ERRORS_H

#include "front/http/core.h"

/* A filter that h2o calls for every answer. */
void errors_on_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot);

#endif
