#include "broker/engine/instance.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

bool instance_choose(char instance[INSTANCE_LEN + 1], struct error *err)
{
    uint32_t random;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(err, "getrandom");
    snprintf(instance, INSTANCE_LEN + 1, "%08x", (unsigned)random);
    return true;
}
