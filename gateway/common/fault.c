#include "common/fault.h"

#include <stdlib.h>

/* gcc and clang announce the address sanitizer in different ways. */
#ifdef __SANITIZE_ADDRESS__
#define HAS_SANITIZERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZERS 1
#endif
#endif

void fault_found(void)
{
#ifdef HAS_SANITIZERS
    abort();
#endif
}
