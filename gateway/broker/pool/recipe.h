/* recipe.h - the parts from which a box is made: its create JSON, and time limits for its states.
 *
 * Both depend only on the settings, the engine and the shelf. Knows no box and no run.
 */
#ifndef MAYFLY_RECIPE_H
#define MAYFLY_RECIPE_H

#include "broker/engine/engine.h"
#include "broker/pool/box_patience.h"
#include "broker/pool/shelf.h"

#define RECIPE_MAX_BYTES ((size_t)1 << 20)

/* All borrowed. */
struct recipe {
    const struct config *config;
    struct engine *engine;
    const char *instance;
    const struct shelf *shelf;
    const char *name; /* the container's name */
    uint32_t uid;
};

/* Append the create JSON. Returns false when it does not fit into out; out then has a part of it.
 */
bool recipe_write(const struct recipe *recipe, struct buf *out);

struct box_patience recipe_patience(const struct config *config);

#endif
