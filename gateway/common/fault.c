#include "common/fault.h"

#include <stdlib.h>

void fault_found(void)
{
#ifdef __SANITIZE_ADDRESS__
    abort();
#endif
}
