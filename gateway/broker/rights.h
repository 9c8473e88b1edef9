/* rights.h - drops the capabilities that the broker does not need.
 *
 * In the role serve, the broker runs as root, so that it can open the engine's socket. The socket's
 * owner needs no capability for that; any other user needs CAP_DAC_OVERRIDE. Knows neither the
 * engine nor the settings.
 */
#ifndef MAYFLY_RIGHTS_H
#define MAYFLY_RIGHTS_H

#include "common/error.h"

/* Drop all capabilities of this process, irrevocably. Keeps CAP_DAC_OVERRIDE if this user does not
 * own the socket at `socket_path`, or if the socket does not exist yet. Fails with ERR_SYSTEM. */
bool rights_drop(const char *socket_path, struct error *err);

#endif
