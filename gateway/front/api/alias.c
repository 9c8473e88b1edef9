#include "front/api/alias.h"

#include <string.h>

static const struct {
    const char *runtime;
    const char *others[4];
} aliases[] = {
    {"python", {"py", "py3", "python3", NULL}},
    {"python-data", {"data", "python3-data", NULL}},
};

const char *const *alias_list(const char *runtime_name)
{
    static const char *const none[] = {NULL};
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcmp(aliases[i].runtime, runtime_name) == 0)
            return aliases[i].others;
    }
    return none;
}

static bool is_alias(const char *runtime_name, struct bytes name)
{
    const char *const *other = alias_list(runtime_name);
    while (*other && !bytes_equal_string(name, *other))
        other++;
    return *other != NULL;
}

int alias_resolve(const struct config *config, struct bytes name)
{
    int index = config_runtime_index(config, name);
    if (index >= 0)
        return index;
    for (size_t i = 0; i < config->runtimes_count; i++) {
        if (is_alias(config->runtimes[i].name, name))
            return (int)i;
    }
    return -1;
}
