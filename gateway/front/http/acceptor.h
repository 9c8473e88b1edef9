/* acceptor.h - accepts connections at an entrance, up to its limits. Private to front/http.
 */
#ifndef MAYFLY_ACCEPTOR_H
#define MAYFLY_ACCEPTOR_H

#include "front/http/core.h"

/* Start accepting at listen_fd. Takes listen_fd. The entrance's http and terms must be set.
 */
void acceptor_open(struct entrance *entrance, int listen_fd);

#endif
