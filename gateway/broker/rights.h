/* rights.h - the capabilities that the broker keeps.
 *
 * Under `serve` the broker runs as root, because root may open the engine's socket. The owner of
 * the socket needs no capability to open it; any other user needs CAP_DAC_OVERRIDE. Knows neither
 * the engine nor the settings.
 */
#ifndef MAYFLY_RIGHTS_H
#define MAYFLY_RIGHTS_H

#include "common/error.h"

/* Drop every capability of this process, irrevocably. Keeps CAP_DAC_OVERRIDE if this user does not
 * own the socket at `socket_path`, or if there is no socket yet. Fails with ERR_SYSTEM. */
bool rights_drop(const char *socket_path, struct error *err);

#endif
