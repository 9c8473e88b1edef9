/* key.h - `mayfly key`: generates a key for the keys file (front/keys/keys.h). */
#ifndef MAYFLY_KEY_H
#define MAYFLY_KEY_H

#include "common/config.h"

/* Handle the options "new NAME": print the key, which cannot be shown again, and its entry for the
 * file. Returns the exit code: 0 on success, 1 on failure, 2 for wrong options. */
int key_main(const struct config *config, char **options);

#endif
