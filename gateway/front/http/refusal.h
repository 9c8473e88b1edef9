/* refusal.h - answers that are sent without h2o. Private to front/http. */
#ifndef MAYFLY_HTTP_REFUSAL_H
#define MAYFLY_HTTP_REFUSAL_H

#include "front/http/guard.h"
#include "front/http/core.h"
#include "front/http/problem.h"

/* Write a problem document to a connection on which no other answer is pending. The caller then
 * closes it. `pass` has the parts of the request's head, as far as they are known. */
void refusal_send(struct http *http, h2o_socket_t *socket, const struct problem *problem,
                  const struct guard_pass *pass);

#endif
