/* rights.h - what the broker keeps of root's capabilities.
 *
 * Under `serve` root starts it, because root may open the engine's socket. Who owns that socket may
 * open it without any capability; for another's, CAP_DAC_OVERRIDE is what opens it. Knows neither
 * the engine nor the settings.
 */
#ifndef MAYFLY_RIGHTS_H
#define MAYFLY_RIGHTS_H

#include "common/error.h"

/* Give up every capability of this process for good, but CAP_DAC_OVERRIDE where this user does not
 * own the socket at `socket_path`, or nothing is there yet. Fails with ERR_SYSTEM. */
bool rights_drop(const char *socket_path, struct error *err);

#endif
