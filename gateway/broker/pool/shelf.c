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
    struct shelf *shelf = shelves->count < SHELVES_MAX ? calloc(1, sizeof(*shelf)) : NULL;
    if (!shelf)
        return NULL;
    shelf->runtime_index = runtime_index;
    shelf->limits = *limits;
    shelves->all[shelves->count++] = shelf;
    return shelf;
}

static bool is_in_use(const struct shelf *shelf)
{
    return shelf->is_configured || shelf->waiting.count || shelf->coming.count ||
           shelf->ready.count;
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
