/* refusal.h - an answer that h2o knows nothing of. Private to http's files. */
#ifndef MAYFLY_HTTP_REFUSAL_H
#define MAYFLY_HTTP_REFUSAL_H

#include "front/http/guard.h"
#include "front/http/core.h"
#include "front/http/problem.h"

/* Write a problem straight to a connection that owes no other answer. The caller closes it. pass:
 * of the request, as far as it is known. */
void refusal_send(struct http *http, h2o_socket_t *socket, const struct problem *problem,
                  const struct guard_pass *pass);

#endif
