#include "broker/engine/facts.h"

#include <stdio.h>
#include <string.h>

bool facts_is_gvisor(const struct docker_engine *engine, const char *oci_runtime)
{
    char name[72];
    snprintf(name, sizeof name, ",%s,", oci_runtime);
    return strstr(engine->gvisor_runtimes, name) != NULL;
}
