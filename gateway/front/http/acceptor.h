/* acceptor.h - accepts connections at an entrance, up to its limits. Private to http's files.
 */
#ifndef MAYFLY_ACCEPTOR_H
#define MAYFLY_ACCEPTOR_H

#include "front/http/core.h"

/* Begin to accept at listen_fd. Takes listen_fd. The caller has set the entrance's http and terms.
 */
void acceptor_open(struct entrance *entrance, int listen_fd);

#endif
