/* key.h - role `key`: makes a key for the keys file (front/keys/keys.h). */
#ifndef MAYFLY_KEY_H
#define MAYFLY_KEY_H

#include "common/config.h"

/* options: "new NAME". Prints the key, which cannot be printed again, and the object for the file.
 * Returns an exit code: 0 on success, 1 on failure, 2 for wrong options. */
int key_main(const struct config *config, char **options);

#endif
