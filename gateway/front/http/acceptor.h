/* acceptor.h - accepts connections at an entrance, as many as it may have. Private to http's files.
 */
#ifndef MAYFLY_ACCEPTOR_H
#define MAYFLY_ACCEPTOR_H

#include "front/http/core.h"

/* Begin to accept at listen_fd, which is taken. The entrance has its http and terms. */
void acceptor_open(struct entrance *entrance, int listen_fd);

#endif
