/* key.h - role `key`: makes a key for the keys file (front/keys/keys.h). */
#ifndef MAYFLY_KEY_H
#define MAYFLY_KEY_H

#include "common/config.h"

/* options: "new NAME". Prints the key, which nobody can print again, and the object that goes into
 * the file. Returns an exit code: 0; 1 when it failed; 2 for wrong options. */
int key_main(const struct config *config, char **options);

#endif
