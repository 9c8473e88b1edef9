#include "broker/pool/shelf.h"

#include <stdlib.h>

struct shelf *shelves_find(struct shelves *shelves, size_t runtime_index,
                           const struct limits *limits)
{
    for (size_t i = 0; i < shelves->count; i++) {
        struct shelf *shelf = shelves->all[i];
        if (shelf->runtime_index == runtime_index && limits_equal(&shelf->limits, limits))
            return shelf;
    }
    struct shelf *shelf = shelves->count < SHELVES_MAX ? calloc(1, sizeof *shelf) : NULL;
    if (!shelf)
        return NULL;
    shelf->runtime_index = runtime_index;
    shelf->limits = *limits;
    shelves->all[shelves->count++] = shelf;
    return shelf;
}

bool shelves_configure(struct shelves *shelves, const struct config *config)
{
    for (size_t i = 0; i < config->runtimes_count; i++) {
        struct shelf *shelf = shelves_find(shelves, i, &config->default_limits);
        if (!shelf)
            return false;
        shelf->warm = config->runtimes[i].warm;
        shelf->is_configured = true;
    }
    return true;
}

static bool is_in_use(const struct shelf *shelf)
{
    return shelf->is_configured || shelf->waiting.count || shelf->coming.count ||
           shelf->ready.count || shelf->resetting.count || shelf->kept.count;
}

void shelves_tidy(struct shelves *shelves)
{
    for (size_t i = 0; i < shelves->count;) {
        if (is_in_use(shelves->all[i])) {
            i++;
            continue;
        }
        free(shelves->all[i]);
        shelves->all[i] = shelves->all[--shelves->count];
    }
}

void shelves_release(struct shelves *shelves)
{
    while (shelves->count)
        free(shelves->all[--shelves->count]);
}
