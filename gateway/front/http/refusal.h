/* refusal.h - an answer that is sent without h2o. Private to http's files. */
#ifndef MAYFLY_HTTP_REFUSAL_H
#define MAYFLY_HTTP_REFUSAL_H

#include "front/http/guard.h"
#include "front/http/core.h"
#include "front/http/problem.h"

/* Write a problem straight to a connection on which no other answer is pending. The caller closes
 * it. `pass` is the request's, as far as it is known. */
void refusal_send(struct http *http, h2o_socket_t *socket, const struct problem *problem,
                  const struct guard_pass *pass);

#endif
